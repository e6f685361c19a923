/**
 * Sound and vibration. A browser allows them only after a tap, so the page asks for one; then a new prompt is heard,
 * and one that nobody has acknowledged is heard again when the daemon says it again. While there is no link the page
 * keeps that time by itself: urgent every 20 s, high every 120 s.
 */

/** @typedef {import('./picture.js').Prompt} Prompt */

/** @type {Record<string, { tones: number[], buzz: number[], again_ms: number }>} */
const SIGNALS = {
  urgent: { tones: [880, 880, 1047, 880, 1047], buzz: [300, 100, 300, 100, 300, 100, 600], again_ms: 20_000 },
  high: { tones: [660, 784, 988], buzz: [250, 120, 250], again_ms: 120_000 },
  normal: { tones: [], buzz: [80], again_ms: Infinity },
};

export class Alarm {
  /** @type {AudioContext | null} */
  #audio = null;
  /** @type {Map<string, number>} when each prompt was last signalled */
  #signalled = new Map();

  /** @returns {boolean} whether the tap has been given */
  get allowed() {
    return this.#audio?.state === 'running';
  }

  /** To be called in a tap: from now on the page may be heard; also keeps the screen on where that can be had. */
  async allow() {
    this.#audio ??= new AudioContext();
    await this.#audio.resume();
    this.#signal('normal');
    await keepScreenOn();
  }

  /** The page is to be seen again: a browser has meanwhile let the screen go dark, and may have silenced it. */
  async wake() {
    if (!this.#audio) return;
    await Promise.all([this.#audio.resume(), keepScreenOn()]);
  }

  /** @param {string} prompt it is to be heard again */
  again(prompt) {
    this.#signalled.delete(prompt);
  }

  /**
   * Signals what is new and what is to be heard again; call it whenever prompts change, and every second.
   * @param {Prompt[]} prompts
   * @param {boolean} linked whether the daemon is there to say again what nobody has acknowledged
   */
  watch(prompts, linked) {
    const raised = prompts.filter(({ state, priority }) => (state === 'raised' || state === 'escalated') && priority in SIGNALS);
    const now = performance.now();
    const due = raised.filter(({ prompt, priority }) => {
      const last = this.#signalled.get(prompt);
      return last === undefined || (!linked && now - last >= SIGNALS[priority].again_ms);
    });
    const open = new Set(raised.map(({ prompt }) => prompt));
    for (const prompt of this.#signalled.keys()) if (!open.has(prompt)) this.#signalled.delete(prompt);
    for (const { prompt } of due) this.#signalled.set(prompt, now);
    const loudest = Object.keys(SIGNALS).find((priority) => due.some((prompt) => prompt.priority === priority));
    if (loudest && this.allowed) this.#signal(loudest);
  }

  /** @param {string} priority */
  #signal(priority) {
    const { tones, buzz } = SIGNALS[priority];
    navigator.vibrate?.(buzz);
    tones.forEach((pitch, place) => this.#tone(pitch, place * 0.22));
  }

  /**
   * @param {number} pitch_hz
   * @param {number} after_s
   */
  #tone(pitch_hz, after_s) {
    const audio = this.#audio;
    if (!audio) return;
    const begin = audio.currentTime + after_s;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.type = 'triangle';
    tone.frequency.value = pitch_hz;
    volume.gain.setValueAtTime(0, begin);
    volume.gain.linearRampToValueAtTime(0.5, begin + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, begin + 0.18);
    tone.connect(volume).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + 0.2);
  }
}

const keepScreenOn = () => navigator.wakeLock?.request('screen').catch(() => undefined); // a nicety: refused on low battery
