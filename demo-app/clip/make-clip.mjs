/*
 * Makes assets/stage.webm and its poster: paints each frame in a headless Chromium, and encodes them with ffmpeg.
 * Run it after a change of the scene: `node demo-app/clip/make-clip.mjs` (ffmpeg and a Chromium on the PATH or in CHROMIUM).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { build } from 'esbuild';

const SECONDS = 12;
const FRAMES_PER_SECOND = 25;
const POSTER_AT = 0.29;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Encodes `frames` (JPEG images) with ffmpeg, and resolves when the file is written. */
async function encode(frames, ...options) {
	const ffmpeg = spawn('ffmpeg', ['-y', '-loglevel', 'error', ...options], { stdio: ['pipe', 'inherit', 'inherit'] });
	const closed = once(ffmpeg, 'close');
	for await (const frame of frames) if (!ffmpeg.stdin.write(frame)) await once(ffmpeg.stdin, 'drain');
	ffmpeg.stdin.end();
	const [code] = await closed;
	if (code !== 0) throw new Error(`ffmpeg ended with code ${code}`);
}

const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
	args: ['--no-sandbox', '--disable-background-networking'],
});
const page = await browser.newPage();
await page.setContent('<canvas></canvas>');
const scene = await build({ entryPoints: [here('scene.js')], bundle: true, write: false });
await page.addScriptTag({ content: scene.outputFiles[0].text });

async function paint(t) {
	const url = await page.evaluate((at) => {
		const canvas = document.querySelector('canvas');
		globalThis.paintFrame(canvas, at);
		return canvas.toDataURL('image/jpeg', 0.98);
	}, t);
	return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

async function* loop() {
	const frames = SECONDS * FRAMES_PER_SECOND;
	for (let frame = 0; frame < frames; frame++) yield paint(frame / frames);
}

const input = ['-f', 'image2pipe', '-c:v', 'mjpeg', '-framerate', String(FRAMES_PER_SECOND), '-i', '-'];
const video = ['-c:v', 'libvpx-vp9', '-pix_fmt', 'yuv420p', '-b:v', '850k', '-maxrate', '1100k', '-crf', '33'];
const effort = ['-deadline', 'good', '-cpu-used', '2', '-row-mt', '1', '-g', '150', '-an'];

try {
	await encode([await paint(POSTER_AT)], ...input, '-c:v', 'libwebp', '-quality', '80', here('../assets/stage.webp'));
	if (!process.argv.includes('--poster'))
		await encode(loop(), ...input, ...video, ...effort, here('../assets/stage.webm'));
} finally {
	await browser.close();
}
