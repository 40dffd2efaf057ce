// Solves a puzzle of gezhi.base.puzzle: for each part a number so that SHA-256 over
// "nonce:part:number" begins with so many zero bits. Written out here, for the browser's own
// digest is asked one by one and is ten times as slow; a message is one block of 64 bytes.
const K = new Int32Array(64);
const START = new Int32Array(8);
for (let found = 0, n = 2; found < 64; n++) {
  let prime = true;
  for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
  if (!prime) continue;
  if (found < 8) START[found] = (Math.sqrt(n) % 1) * 4294967296;
  K[found++] = (Math.cbrt(n) % 1) * 4294967296;
}

const W = new Int32Array(64);
const turn = (x: number, n: number) => (x >>> n) | (x << (32 - n));

// The first 32 bits of the digest of a message of at most 55 bytes.
function first(text: string): number {
  W.fill(0, 0, 16);
  for (let i = 0; i < text.length; i++) W[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
  W[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
  W[15] = text.length * 8;
  for (let i = 16; i < 64; i++) {
    const a = W[i - 15], b = W[i - 2];
    W[i] = W[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + W[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = START;
  for (let i = 0; i < 64; i++) {
    const s = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const t = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + s) | 0; d = c; c = b; b = a; a = (s + t) | 0;
  }
  return (a + START[0]) >>> 0;
}

self.onmessage = (event: MessageEvent<{ nonce: string; bits: number; parts: number }>) => {
  const { nonce, bits, parts } = event.data;
  const numbers: number[] = [];
  for (let part = 0; part < parts; part++) {
    let number = 0;
    while (first(`${nonce}:${part}:${number}`) >>> (32 - bits) !== 0) number++;
    numbers.push(number);
    self.postMessage({ done: part + 1 });
  }
  self.postMessage({ done: parts, solution: numbers.join(",") });
};
