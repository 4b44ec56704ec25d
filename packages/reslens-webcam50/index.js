// The model's address. Bundlers recognise only this form, and copy the file.

export function webcam50() {
  const beside = new URL('./webcam50.safetensors', import.meta.url);
  // Vite up to 7 serves this script in development from a separate folder that does not have the file.
  const moved = /^(.*\/)\.vite\/deps[^/]*\//.exec(beside.href);
  return moved ? new URL('reslens-webcam50/webcam50.safetensors', moved[1]) : beside;
}

export const sha256 = '@SHA256@';
