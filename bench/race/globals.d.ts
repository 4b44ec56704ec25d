/** What web/contestant.js puts on each page and into each worker. */
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
