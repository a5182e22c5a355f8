/** Questions that are asked within a moment become one: hundreds of feeds share a statement. */
export class Batch<Item, Answer> {
  private waiting: { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void }[] = [];

  /** @param run answers all at once, in their order; what it throws is thrown to all who asked */
  constructor(private readonly run: (items: readonly Item[]) => Promise<readonly Answer[]>) {}

  ask(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.waiting.push({ item, resolve, reject }) === 1) setImmediate(() => void this.flush());
    });
  }

  private async flush(): Promise<void> {
    const asked = this.waiting.splice(0);
    try {
      const answers = await this.run(asked.map(({ item }) => item));
      asked.forEach(({ resolve }, at) => resolve(answers[at]!));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}
