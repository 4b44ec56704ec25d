// Picture headers, a few bytes of each format.

/** @param {string} text */
const ascii = (text) => Array.from(text, (character) => character.charCodeAt(0));
/** @param {number} n */
const be32 = (n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
/** @param {number} n */
const le32 = (n) => be32(n).reverse();
/** @param {string} type @param {number[][]} content */
const box = (type, ...content) => [...be32(content.flat().length + 8), ...ascii(type), ...content.flat()];
/** @param {number} n */
const zeros = (n) => Array(n).fill(0);

const JPEG = [
  0xff, 0xd8, 0xff, 0xe0, 0, 16, ...ascii('JFIF\0'), ...zeros(9), 0xff, 0xc4, 0, 4, 0, 0, 0xff, 0xff, 0xc0, 0, 17, 8, 1, 44, 1, 144,
  ...zeros(12),
];
const PNG = [0x89, ...ascii('PNG\r\n\x1a\n'), ...be32(13), ...ascii('IHDR'), ...be32(400), ...be32(300), 8, 6, 0, 0, 0];
const GIF = [...ascii('GIF89a'), 144, 1, 44, 1, ...zeros(20)];
const BMP = [...ascii('BM'), ...zeros(12), ...le32(40), ...le32(400), ...le32(-300), ...zeros(4)];
const AVIF = [
  ...box('ftyp', ascii('avif'), be32(0), ascii('mif1')),
  ...box('meta', be32(0), box('hdlr', zeros(24)), box('iprp', box('ipco', box('ispe', be32(0), be32(400), be32(300))))),
];
const EXIF = [...ascii('II*\0'), ...le32(8), 1, 0, 0x12, 1, 3, 0, ...le32(1), ...le32(6), ...le32(0)];
const WEBP = [
  ...ascii('RIFF'), ...le32(78), ...ascii('WEBPVP8X'), ...le32(10), 8, 0, 0, 0, 143, 1, 0, 43, 1, 0,
  ...ascii('VP8L'), ...le32(4), ...zeros(4), ...ascii('EXIF'), ...le32(EXIF.length), ...EXIF,
];

export const PICTURES = [JPEG, PNG, GIF, BMP, AVIF, WEBP].map((bytes) => Uint8Array.from(bytes));
