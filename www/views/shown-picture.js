/** The element that the stage shows at the moment: the camera, its last frame, or a picture. */

import { need } from './dom.js';

/**
 * @param {HTMLElement} stage the stage's box
 * @returns {{source: HTMLVideoElement|HTMLCanvasElement|HTMLImageElement, width: number, height: number}|null} with
 *   its size in its own pixels; null while it has none
 */
export function shownPicture(stage) {
  const video = need(stage, 'video', HTMLVideoElement);
  const still = need(stage, '.stage-still', HTMLCanvasElement);
  const picture = need(stage, 'img', HTMLImageElement);
  if (!video.hidden && video.videoWidth > 0) return { source: video, width: video.videoWidth, height: video.videoHeight };
  if (!still.hidden) return { source: still, width: still.width, height: still.height };
  if (!picture.hidden && picture.naturalWidth > 0) return { source: picture, width: picture.naturalWidth, height: picture.naturalHeight };
  return null;
}
