import { chromium } from '@playwright/test';
import { LAUNCH_OPTIONS } from '../../support/launch-options.ts';
import { type FrameCosts, frameCostsOf, percentile } from './frame-costs.ts';
import { HeartsSite, type HeartsWindow, SOURCE } from './hearts-site.ts';

/** A canvas and its screen. */
interface Screen {
	readonly width: number;
	readonly height: number;
	readonly pixelRatio: number;
}

const SCREENS: readonly Screen[] = [
	{ width: 360, height: 640, pixelRatio: 2 },
	{ width: 1440, height: 810, pixelRatio: 1 },
	{ width: 1440, height: 810, pixelRatio: 2 },
];

/** Likes a second: that of a large show, and one that fills any canvas. */
const RATES = [10_000, 10_000_000];
const ROUNDS = 3;
const TRACED_MS = 3_000;

/** A renderer to measure. */
interface Variant {
	readonly name: string;
	readonly source: string;
	readonly inWorker: boolean;
}

/** Draws hearts in a browser without a GPU, and resolves with the costs of its threads. */
async function measure(site: HeartsSite, { source, inWorker }: Variant, screen: Screen, perSecond: number) {
	const browser = await chromium.launch(LAUNCH_OPTIONS);
	const page = await browser.newPage({
		viewport: { width: screen.width, height: screen.height },
		deviceScaleFactor: screen.pixelRatio,
	});
	await page.goto(site.pageOf(source, perSecond, inWorker));
	// A flight takes at most 4.5 s: from then on as many end as begin.
	await page.waitForFunction(() => performance.now() - (window as unknown as HeartsWindow).startedAt > 5_000);
	const drawn = await page.evaluate(() => (window as unknown as HeartsWindow).countDrawn());
	const categories = ['-*', 'toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'];
	await browser.startTracing(page, { categories });
	await page.waitForTimeout(TRACED_MS);
	const costs = frameCostsOf(JSON.parse((await browser.stopTracing()).toString()));
	await browser.close();
	return { ...costs, drawn };
}

function summaryOf(results: readonly (FrameCosts & { readonly drawn: number })[]): string {
	const mean = (read: (result: FrameCosts & { readonly drawn: number }) => number) =>
		results.reduce((sum, result) => sum + read(result), 0) / results.length;
	const frames = results.flatMap(({ frameMs }) => frameMs);
	const times = [0.5, 0.95, 1].map((share) => percentile(frames, share).toFixed(1)).join(' / ');
	const [main, worker] = [mean(({ mainMs }) => mainMs), mean(({ workerMs }) => workerMs)].map(
		(ms) => `${((ms / TRACED_MS) * 100).toFixed(0)} % of a core`,
	);
	const inWorker = mean(({ workerFrames }) => workerFrames);
	if (inWorker > 0) return `main thread ${main}; worker ${worker}, ${inWorker.toFixed(0)} frames`;
	const drawn = mean((result) => result.drawn).toFixed(0);
	return `${drawn} particles; CPU of a frame, median / P95 / most: ${times} ms, ${frames.length} frames; main thread ${main}`;
}

const [before] = process.argv.slice(2);
const variants: readonly Variant[] = [
	...(before === undefined ? [] : [{ name: 'before', source: before, inWorker: false }]),
	{ name: 'page', source: SOURCE, inWorker: false },
	{ name: 'worker', source: SOURCE, inWorker: true },
];
const site = await HeartsSite.start(variants.map(({ source }) => source));
for (const screen of SCREENS) {
	for (const perSecond of RATES) {
		const all = new Map(variants.map((variant) => [variant, [] as (FrameCosts & { drawn: number })[]]));
		// In turn, so that other work of the machine slows all of them.
		for (let round = 0; round < ROUNDS; round++) {
			for (const [variant, results] of all) results.push(await measure(site, variant, screen, perSecond));
		}
		process.stdout.write(`${screen.width} x ${screen.height} at ${screen.pixelRatio}, ${perSecond} likes/s\n`);
		for (const [{ name }, results] of all) process.stdout.write(`  ${name}: ${summaryOf(results)}\n`);
	}
}
site.close();
