// The camera, frame by frame. A click opens it, and the next click ends all of its tracks.

import { Classifier } from 'reslens';
import { webcam50 } from 'reslens-webcam50';

const toggle = document.querySelector<HTMLButtonElement>('#toggle')!;
const video = document.querySelector<HTMLVideoElement>('#video')!;
const answer = document.querySelector<HTMLElement>('#answer')!;

const classifier = await Classifier.load({
  model: webcam50(),
  onProgress: ({ phase, loaded, total }) => {
    toggle.textContent = total ? `${phase}: ${Math.round((100 * loaded) / total)} %` : `${phase} ...`;
  },
});
let stream: MediaStream | null = null;
toggle.textContent = 'Start';
toggle.disabled = false;

toggle.onclick = async () => {
  try {
    if (stream) stop();
    else await start();
  } catch (error) {
    answer.textContent = String(error);
    stop();
  }
};

async function start() {
  stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  video.srcObject = stream;
  toggle.textContent = 'Stop';
  await video.play();
  while (stream) {
    const { predictions, abstained, timings } = await classifier.classify(video, { topK: 1 });
    const [{ label, probability }] = predictions;
    const words = abstained ? 'not sure' : `${label}, ${Math.round(100 * probability)} %`;
    answer.textContent = `${words} (${timings.total.toFixed()} ms on ${classifier.backend.kind})`;
    await nextFrame();
  }
}

function stop() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
  toggle.textContent = 'Start';
}

/** Resolves when the next frame is available, or when the camera has ended. */
const nextFrame = () =>
  new Promise<void>((resolve) => {
    if (!stream) return resolve();
    video.requestVideoFrameCallback(() => resolve());
    stream.getVideoTracks()[0].addEventListener('ended', () => resolve());
  });
