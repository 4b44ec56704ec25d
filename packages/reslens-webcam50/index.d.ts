/** Returns the address of the model: `Classifier.load({ model: webcam50() })`. */
export function webcam50(): URL;

/** The hash of the file, as `classifier.model.sha256` reports it. */
export const sha256: string;
