/** The global of web/contestant.js on each page and in each worker. */
declare var contestant: {
  load(task: import('./web/contestant.js').Task): Promise<{
    loadMs: number;
    firstMs: number;
    logits: number[];
    atOnce: number;
    facts: any;
  }>;
  turn(): Promise<number>;
  throughput(): Promise<number>;
  logits(): Promise<number[]>;
};
