// What a person who sees poorly, or hears the page read, would stumble over; every finding is one line.
() => {
  const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const name = (element) => (element.getAttribute('aria-label') ?? element.innerText ?? '').trim();
  const where = (element) => `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''}.${element.className}`;
  const findings = [];

  const rgba = (text) => {
    const [r, g, b, a = 1] = (text.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    return { r, g, b, a };
  };
  const over = (top, under) => {
    const a = top.a + under.a * (1 - top.a);
    const mixed = (part) => (a ? (top[part] * top.a + under[part] * under.a * (1 - top.a)) / a : 0);
    return { r: mixed('r'), g: mixed('g'), b: mixed('b'), a };
  };
  // What is seen of a colour painted in an element: over every ground beneath it, as far as each lets it through.
  const seen = (colour, element) => {
    if (!element) return over(colour, { r: 255, g: 255, b: 255, a: 1 });
    const { backgroundColor, opacity } = getComputedStyle(element);
    const painted = over(colour, rgba(backgroundColor));
    return seen({ ...painted, a: painted.a * Number(opacity) }, element.parentElement);
  };
  const light = ({ r, g, b }) =>
    [r, g, b].map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);

  for (const element of document.querySelectorAll('body *')) {
    if (!visible(element)) continue;
    const text = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    if (text && !element.disabled) {
      const style = getComputedStyle(element);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      const ratio = contrast(seen(rgba(style.color), element), seen({ r: 0, g: 0, b: 0, a: 0 }, element));
      if (ratio < (large ? 3 : 4.5)) findings.push(`contrast ${ratio.toFixed(2)}: ${where(element)} "${name(element).slice(0, 30)}"`);
    }
    const { overflowX, textOverflow } = getComputedStyle(element);
    if (overflowX === 'hidden' && textOverflow === 'clip' && element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1) findings.push(`cut off: ${where(element)}`);
    if (element.matches('button, a, summary, input, select')) {
      if (!name(element)) findings.push(`no name: ${where(element)}`);
      const label = element.getAttribute('aria-label');
      if (label && element.innerText && !label.includes(element.innerText.trim())) findings.push(`label without its text: ${where(element)}`);
      const { width, height } = element.getBoundingClientRect();
      if (width < 43.9 || height < 43.9) findings.push(`target ${width.toFixed(0)}×${height.toFixed(0)}: ${where(element)} "${name(element)}"`);
    }
    for (const list of ['aria-labelledby', 'aria-describedby', 'aria-controls']) {
      for (const id of (element.getAttribute(list) ?? '').split(' ').filter(Boolean)) {
        if (!document.getElementById(id)) findings.push(`${list} names nothing: ${id}`);
      }
    }
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) findings.push(`twice: #${id}`);
  if (!/^(zh-CN|en)$/.test(document.documentElement.lang)) findings.push(`lang ${document.documentElement.lang}`);
  if (!document.title) findings.push('no title');
  if (document.querySelectorAll('h1').length !== 1) findings.push('not one h1');
  if (document.documentElement.scrollWidth > innerWidth) findings.push(`wider than the screen: ${document.documentElement.scrollWidth}`);
  return findings;
};
