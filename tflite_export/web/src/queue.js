/** Work that is done one after another. */

/** A model has one set of buffers, and a list of intents is changed by one call at a time. */
export class Queue {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();
  #closed = false;

  /**
   * Does some work when the work before is through, also in error.
   * @template Result
   * @param {() => Promise<Result>} work
   * @returns {Promise<Result>}
   * @throws {Error} if the queue was closed.
   */
  add(work) {
    if (this.#closed) {
      return Promise.reject(new Error("The model was deleted, so that it cannot be used any more. Load it again."));
    }
    const done = this.#last.then(work, work);
    this.#last = done;
    return done;
  }

  /**
   * Does the last work when all work before is through. Further calls change nothing.
   * @param {() => void} work
   * @returns {Promise<void>}
   */
  async close(work) {
    if (!this.#closed) {
      this.#closed = true;
      this.#last = this.#last.then(work, work);
    }
    await this.#last;
  }
}
