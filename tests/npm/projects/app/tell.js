// Classifies a picture and puts the result on the document, for the test to read.

/** @param {() => Promise<any>} load */
export async function tell(load) {
  const { dataset } = document.documentElement;
  try {
    const picture = await (await fetch('/picture.jpg')).blob();
    const classifier = await load();
    const { predictions, taps } = await classifier.classify(picture, { taps: ['layer1.0'] });
    const { backend } = classifier;
    await classifier.dispose();
    const [{ label }] = predictions;
    dataset.outcome = JSON.stringify({
      label,
      map: taps[0].residual.height,
      threads: backend.threads,
      reason: backend.reason,
      isolated: crossOriginIsolated,
    });
  } catch (error) {
    dataset.outcome = JSON.stringify({ error: `${error.name}: ${error.message}` });
  }
}
