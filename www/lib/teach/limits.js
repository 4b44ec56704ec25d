// Limits of teaching.

/** Labels. Two are needed to learn. */
export const MAX_LABELS = 100;

/** Examples of all labels. */
export const MAX_EXAMPLES = 5000;

/** Characters of a label, and of a take's name. */
export const MAX_NAME = 200;
