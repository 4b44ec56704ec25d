/**
 * The visitor's own classes: cards with examples, the learnt classifier, and whose classes answer. It
 * relearns whenever examples are added or removed.
 *
 * @typedef {import('../../teach.js').Example} Example
 * @typedef {import('../../teach.js').Taught} Taught
 * @typedef {import('../types.js').Answer} Answer
 * @typedef {import('../types.js').ClassCard} ClassCard
 * @typedef {import('../types.js').Classifier} Classifier
 * @typedef {import('../types.js').Frame} Frame
 * @typedef {import('../types.js').TeachingState} TeachingState
 * @typedef {import('./inspect.js').Question} Question
 * @typedef {import('./lens.js').Lens} Lens
 * @typedef {import('../device/store.js').Store} Store
 */

import { Teacher } from '../../teach.js';
import { save } from '../device/download.js';
import { deleteProject, keepProject, keptProject } from '../device/kept-project.js';
import { libraryTrouble, message, notKept } from '../text/messages.js';
import { FIRST_LABELS, freeLabel, takeName } from '../text/teaching.js';
import { inspect } from './inspect.js';
import { recordTake } from './recording.js';

export class Teaching {
  /** @type {Lens|null} */
  #lens = null;
  /** @type {Teacher|null} */
  #teacher = null;
  /** The classifier that is taught. @type {Classifier|null} */
  #classifier = null;
  /** @type {Taught|null} */
  #taught = null;
  /** Ends the current take. */
  #take = new AbortController();
  /** Recordings and file reads, one after another. @type {Promise<void>} */
  #work = Promise.resolve();
  #nextKey = 0;
  #store;
  #video;

  /** @param {Store} store @param {HTMLVideoElement} video that shows the camera */
  constructor(store, video) {
    this.#store = store;
    this.#video = video;
    store.set({ teaching: { cards: this.#makeCards(FIRST_LABELS), recording: null, yours: true, learnt: null, examination: null, keep: false } });
  }

  /** @param {Lens} lens that frames come from */
  connect(lens) {
    this.#lens = lens;
  }

  get #state() {
    return /** @type {TeachingState} */ (this.#store.state.teaching);
  }

  /** @param {Partial<TeachingState>} changes */
  #set(changes) {
    this.#store.set({ teaching: { ...this.#state, ...changes } });
  }

  /**
   * Teaches another classifier: another backend keeps the same classes; another model starts with none.
   * @param {Classifier} classifier
   */
  async adopt(classifier) {
    const former = this.#teacher;
    this.#classifier = classifier;
    try {
      const file = former ? former.save() : await keptProject();
      this.#teacher = file ? await Teacher.open(file, classifier) : new Teacher(classifier);
      if (!former && file) this.#set({ keep: true });
    } catch (error) {
      this.#teacher = new Teacher(classifier);
      if (former) this.#offerFormer(former);
      else this.#say(`The classes kept on this device cannot be opened: ${message(error)}.`);
    }
    this.#showTeacher();
  }

  /** @param {Teacher} former of another model */
  #offerFormer(former) {
    if (former.examples.length === 0) return;
    const run = () => save(former.save(), 'reslens classes.reslens');
    const text = 'Your classes belong to the previous model. This one starts with none.';
    this.#store.set({ notice: { kind: 'news', text, action: { label: 'Save them', run } } });
  }

  /** Shows the teacher's examples on cards. */
  #showTeacher() {
    const labels = this.#teacher?.labels ?? [];
    this.#set({ cards: this.#makeCards(labels.length > 0 ? labels : FIRST_LABELS) });
    this.#learn();
  }

  /** @param {readonly string[]} labels @returns {ClassCard[]} */
  #makeCards(labels) {
    return labels.map((label) => ({ key: this.#nextKey++, label, examples: [] }));
  }

  /** @param {number} key */
  #card(key) {
    return /** @type {ClassCard} */ (this.#state.cards.find((card) => card.key === key));
  }

  /** Brings the cards up to date with the examples. */
  #showExamples() {
    const examples = this.#teacher?.examples ?? [];
    const cards = this.#state.cards.map((card) => ({ ...card, examples: examples.filter(({ label }) => label === card.label) }));
    this.#set({ cards, examination: null });
  }

  #learn() {
    this.#showExamples();
    this.#taught = this.#teacher && this.#teacher.labels.length > 1 ? this.#teacher.learn() : null;
    this.#set({ learnt: this.#taught?.labels ?? null });
    this.#lens?.resetAverage();
    this.#lens?.refresh();
    if (this.#state.keep && this.#teacher) void this.#keepNow(this.#teacher);
  }

  /**
   * Answers about a frame, with the visitor's classes if they are chosen and there are at least two.
   * @param {Classifier} classifier
   * @param {Frame} frame
   * @param {Question} question
   * @returns {Promise<Answer>}
   */
  async inspect(classifier, frame, question) {
    const answer = await inspect(classifier, frame, { ...question, features: true });
    if (!this.#taught || !this.#state.yours || !answer.features) return answer;
    const { predictions, none } = this.#taught.predict(answer.features);
    return { ...answer, predictions, abstained: none, full: null, own: true };
  }

  addCard() {
    const label = freeLabel(this.#state.cards);
    this.#set({ cards: [...this.#state.cards, ...this.#makeCards([label])] });
  }

  /** @param {number} key @param {string} label */
  rename(key, label) {
    const card = this.#card(key);
    const wanted = label.trim();
    if (wanted === card.label || wanted === '') return this.#set({});
    if (this.#state.cards.some((other) => other.label === wanted)) {
      this.#say(`A class called ${wanted} already exists.`);
      return this.#set({});
    }
    if (card.examples.length > 0) this.#teacher?.rename(card.label, wanted);
    this.#set({ cards: this.#state.cards.map((other) => (other === card ? { ...card, label: wanted } : other)) });
    this.#learn();
  }

  /** @param {number} key */
  removeCard(key) {
    const card = this.#card(key);
    for (const { id } of card.examples) this.#teacher?.forget(id);
    this.#set({ cards: this.#state.cards.filter((other) => other !== card) });
    this.#learn();
  }

  /** @param {string} id of an example */
  forget(id) {
    this.#teacher?.forget(id);
    this.#learn();
  }

  /**
   * Records a take until `stop`, or until more examples would add nothing.
   * @param {number} key of the card
   */
  record(key) {
    const [lens, teacher] = [this.#lens, this.#teacher];
    if (!lens || !teacher || this.#state.recording) return;
    const { label, examples } = this.#card(key);
    this.#take = new AbortController();
    const { signal } = this.#take;
    this.#set({ recording: { key, count: 0, alike: 0 } });
    this.#queue(() => recordTake({
      lens, video: this.#video, teacher, label, take: takeName(examples), signal,
      live: () => this.#store.state.phase === 'live',
      onExample: (count, alike) => {
        this.#set({ recording: { key, count, alike } });
        this.#showExamples();
      },
    }));
  }

  /** Ends the take. */
  stop() {
    this.#take.abort();
  }

  /** Takes files as one take of a class. @param {number} key @param {File[]} files */
  addFiles(key, files) {
    const { label, examples } = this.#card(key);
    const take = takeName(examples);
    this.#queue(async () => {
      for (const file of files) await this.#teacher?.show(label, file, { take, thumbnail: true });
    });
  }

  /** Runs a task that adds examples, after earlier tasks, and learns from them. @param {() => Promise<void>} task */
  #queue(task) {
    this.#work = this.#work.then(async () => {
      try {
        await task();
      } catch (error) {
        this.#say(libraryTrouble(error));
      }
      this.#set({ recording: null });
      this.#learn();
    });
  }

  /** Chooses whose classes answer. @param {boolean} yours */
  choose(yours) {
    this.#set({ yours });
    this.#lens?.resetAverage();
    this.#lens?.refresh();
  }

  examine() {
    if (this.#teacher) this.#set({ examination: this.#teacher.examine() });
  }

  saveProject() {
    if (this.#teacher) save(this.#teacher.save(), 'classes.reslens');
  }

  async saveModel() {
    try {
      if (this.#taught) save(await this.#taught.toModel(), 'taught.safetensors');
    } catch (error) {
      this.#say(libraryTrouble(error, false));
    }
  }

  /** Opens a file of `saveProject`, replacing the current classes. @param {Blob} file */
  async openProject(file) {
    if (!this.#classifier) return;
    try {
      this.#teacher = await Teacher.open(file, this.#classifier);
    } catch (error) {
      return this.#say(libraryTrouble(error, false));
    }
    this.#showTeacher();
  }

  /** Sets whether the classes are kept on this device. @param {boolean} keep */
  async setKept(keep) {
    this.#set({ keep });
    if (keep && this.#teacher) await this.#keepNow(this.#teacher);
    else await this.#forgetKept();
  }

  /** @param {Teacher} teacher */
  async #keepNow(teacher) {
    try {
      await keepProject(teacher.save());
    } catch (error) {
      // The tick shows whether something is kept: an older version may be, and the next change tries again.
      const older = (await keptProject()) !== null;
      this.#set({ keep: older });
      this.#say(notKept(error, older));
    }
  }

  async #forgetKept() {
    try {
      await deleteProject();
    } catch (error) {
      this.#say(`The classes kept on this device could not be deleted: ${message(error)}. Clear this site’s data in the browser.`);
    }
  }

  /** Deletes all classes, here and on this device. */
  async deleteEverything() {
    this.stop();
    await this.#work;
    this.#teacher = this.#classifier && new Teacher(this.#classifier);
    this.#set({ keep: false });
    this.#showTeacher();
    await this.#forgetKept();
  }

  /** @param {string} text */
  #say(text) {
    this.#store.set({ notice: { text } });
  }
}
