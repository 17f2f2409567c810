import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from '@playwright/test';
import { TestGateway } from '../support/gateway.ts';
import { LAUNCH_OPTIONS } from '../support/launch-options.ts';
import { Scene } from './scene.ts';

/** `npm run screenshots` writes the pictures of the docs: the demo and the embed, in light and in dark. */
const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));

/** The sizes of the windows, in CSS pixels. A frame with the embed is as wide, and 16:9 with its reactions. */
const SIZES = [
	{ width: 360, height: 740, embedHeight: 260 },
	{ width: 768, height: 960, embedHeight: 484 },
	{ width: 1440, height: 728, embedHeight: 866 },
];

interface Picture {
	readonly name: string;
	readonly url: string;
	readonly width: number;
	readonly height: number;
	readonly colorScheme: 'light' | 'dark';
}

/** Writes a picture with at most 256 colours, a third of the size of all. */
function write(name: string, png: Buffer): void {
	const file = `${IMAGES}${name}.png`;
	const filter = 'split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=dither=none';
	const args = [
		'-loglevel',
		'error',
		'-y',
		'-i',
		'-',
		'-vf',
		filter,
		'-frames:v',
		'1',
		'-compression_level',
		'9',
		file,
	];
	const { status, error, stderr } = spawnSync('ffmpeg', args, { input: png });
	if (status !== 0) throw new Error(`ffmpeg failed: ${error?.message ?? stderr}`);
	process.stdout.write(`docs/images/${name}.png ${Math.round(statSync(file).size / 1024)} kB\n`);
}

async function take(browser: Browser, scene: Scene, { name, url, width, height, colorScheme }: Picture): Promise<void> {
	const context = await browser.newContext({ viewport: { width, height }, colorScheme });
	const page = await context.newPage();
	await page.goto(url);
	await page.locator('[data-state="live"]').waitFor({ state: 'attached' });
	const video = page.locator('video');
	await video.evaluate(
		(video: HTMLVideoElement) => video.readyState > 2 || new Promise((then) => video.addEventListener('playing', then)),
	);
	await scene.letHeartsRise(page);
	write(name, await page.screenshot());
	await context.close();
}

async function main(): Promise<void> {
	const gateway = await TestGateway.create();
	await gateway.start();
	const browser = await chromium.launch(LAUNCH_OPTIONS);
	const scene = await Scene.create(gateway);
	try {
		const embed = await scene.embed();
		for (const { width, height, embedHeight } of SIZES) {
			for (const colorScheme of ['light', 'dark'] as const) {
				const at = `${width}-${colorScheme}`;
				await take(browser, scene, { name: `demo-${at}`, url: scene.demo, width, height, colorScheme });
				await take(browser, scene, { name: `embed-${at}`, url: embed, width, height: embedHeight, colorScheme });
			}
		}
	} finally {
		scene.close();
		await browser.close();
		await gateway.dispose();
	}
}

await main();
