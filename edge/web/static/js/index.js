/** The first page: the handheld, and one link for each board of the branch. */

import { byId, h, keep } from './dom.js';
import * as i18n from './i18n.js';
import { t, words } from './i18n.js';

const view = await (await fetch('/api/view')).json();
const boards = Object.keys(view.boards);

function draw() {
  const chinese = i18n.language() === 'zh';
  byId('branch').textContent = words(view.branch.name);
  byId('language').textContent = chinese ? 'English' : '中文';
  byId('language').lang = chinese ? 'en' : 'zh-CN';
  byId('none').hidden = boards.length > 0;
  const links = [
    { href: '/handheld', name: t('index.handheld'), about: t('index.handheld.about') },
    ...boards.map((id) => ({ href: `/board/${encodeURIComponent(id)}`, name: t('index.board', { id }), about: t('index.board.about') })),
  ];
  keep(byId('pages'), links, {
    key: ({ href }) => href,
    signature: (link) => JSON.stringify(link),
    render: ({ href, name, about }) => h('li', {}, h('a', { href }, h('b', {}, name), h('span', {}, about))),
  });
}

await i18n.load();
i18n.speak(i18n.chosen() ?? view.language);
byId('language').addEventListener('click', () => {
  i18n.speak(i18n.language() === 'zh' ? 'en' : 'zh', true);
  draw();
});
draw();
