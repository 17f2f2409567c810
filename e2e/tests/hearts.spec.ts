import { expect, type Page } from '@playwright/test';
import { test as base } from '../support/browser-test.ts';
import { HeartsSite, type HeartsWindow } from '../support/hearts-site.ts';

/** A test function with a site under a strict policy, another site, and the warnings of the page. */
const test = base.extend<{ hearts: HeartsSite; other: HeartsSite; warnings: string[] }>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern which fixtures are needed, refuses anything else, and none is.
	hearts: async ({}, use) => {
		const site = await HeartsSite.start("default-src 'self'; img-src http://localhost:*");
		await use(site);
		site.close();
	},
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern which fixtures are needed, refuses anything else, and none is.
	other: async ({}, use) => {
		const site = await HeartsSite.start('');
		await use(site);
		site.close();
	},
	warnings: async ({ page }, use) => {
		const warnings: string[] = [];
		page.on('console', (message) => {
			if (message.text().startsWith('createHearts:')) warnings.push(message.text());
		});
		await use(warnings);
	},
});

/** The colours of the drawings in these tests, and of the built-in heart. */
const GREEN = [0, 255, 0] as const;
const WHITE = [255, 255, 255] as const;
const RED = [243, 64, 107] as const;
/** Of the heart that stands for the type `own`. */
const OWN = [239, 62, 210] as const;

type Kind = 'painter' | 'text' | 'image' | 'bitmap' | 'none';

/** Creates hearts that burst `type` all the time, with a drawing of `kind` for the type `own`. */
async function float(
	page: Page,
	url: string,
	options: { worker?: string; kind?: Kind; image?: string; type?: string },
) {
	await page.goto(url);
	await page.waitForFunction(() => 'createHearts' in window);
	await page.evaluate(async ({ worker, kind = 'none', image = '/image.svg', type = 'own' }) => {
		const view = window as unknown as HeartsWindow;
		async function drawing() {
			if (kind === 'painter') {
				return (context: CanvasRenderingContext2D) => {
					context.fillStyle = '#0f0';
					context.fillRect(0, 0, 24, 24);
				};
			}
			if (kind === 'text') return '██';
			if (kind === 'bitmap') {
				const element = new Image();
				element.src = image;
				await element.decode();
				return createImageBitmap(element);
			}
			return image;
		}
		const reactions = kind === 'none' ? {} : { own: await drawing() };
		const canvas = document.querySelector('canvas') as HTMLCanvasElement;
		// Waiting for the script asked for frames, too.
		view.frames = 0;
		view.hearts = view.createHearts(canvas, { reactions, maxParticles: 500, ...(worker !== undefined && { worker }) });
		setInterval(() => view.hearts.burst({ type, count: 3 }), 50);
	}, options);
}

const shows = (page: Page, colour: readonly [number, number, number]) =>
	expect.poll(() => page.evaluate((colour) => (window as unknown as HeartsWindow).pixelsOf(...colour), colour));

const framesOf = (page: Page) => page.evaluate(() => (window as unknown as HeartsWindow).frames);

/** Simulates that the page is hidden or shown: all tabs of a headless Chromium are visible. */
const hide = (page: Page, hidden: boolean) =>
	page.evaluate((hidden) => {
		Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
		document.dispatchEvent(new Event('visibilitychange'));
	}, hidden);

const violationsOf = (page: Page) => page.evaluate(() => (window as unknown as HeartsWindow).violations);

/** Expects that the page draws, and that it has no worker. */
async function expectPageDraws(page: Page): Promise<void> {
	await shows(page, RED).toBeGreaterThan(50);
	expect(await framesOf(page)).toBeGreaterThan(0);
	await expect.poll(() => page.workers().length).toBe(0);
}

const WORKER = '/hearts-worker.js';

for (const worker of [undefined, WORKER]) {
	test.describe(worker === undefined ? 'hearts that the page draws' : 'hearts that a worker draws', () => {
		const where = worker === undefined ? {} : { worker };
		const workers = worker === undefined ? 0 : 1;

		test('float under a strict policy, follow the size of the canvas, rest in a hidden page, and stop', async ({
			page,
			hearts,
			warnings,
		}) => {
			await float(page, hearts.url, { ...where, type: 'heart' });
			await shows(page, RED).toBeGreaterThan(50);
			expect(page.workers()).toHaveLength(workers);
			expect((await framesOf(page)) > 0).toBe(worker === undefined);

			await page.setViewportSize({ width: 400, height: 300 });
			const size = () =>
				page.evaluate(() => [document.querySelector('canvas')?.width, document.querySelector('canvas')?.height]);
			await expect.poll(size).toEqual([400, 300]);
			await shows(page, RED).toBeGreaterThan(50);

			await hide(page, true);
			await shows(page, RED).toBe(0);
			const before = await framesOf(page);
			await page.evaluate(() => new Promise(requestAnimationFrame));
			expect(await framesOf(page)).toBe(before + 1);
			await hide(page, false);
			await shows(page, RED).toBeGreaterThan(50);

			await page.evaluate(() => (window as unknown as HeartsWindow).hearts.stop());
			await shows(page, RED).toBe(0);
			await expect.poll(() => page.workers().length).toBe(0);
			expect(await violationsOf(page)).toEqual([]);
			expect(warnings).toEqual([]);
		});

		test('have a drawing of the page, also of another origin that allows it', async ({
			page,
			hearts,
			other,
			warnings,
		}) => {
			for (const { kind, colour, image } of [
				{ kind: 'painter', colour: GREEN, image: undefined },
				{ kind: 'text', colour: WHITE, image: undefined },
				{ kind: 'image', colour: GREEN, image: undefined },
				{ kind: 'bitmap', colour: GREEN, image: undefined },
				{ kind: 'image', colour: GREEN, image: `${other.url}/shared.svg` },
			] as const) {
				await float(page, hearts.url, { ...where, kind, ...(image !== undefined && { image }) });
				await shows(page, colour).toBeGreaterThan(50);
				expect(page.workers(), kind).toHaveLength(workers);
				expect(await violationsOf(page)).toEqual([]);
				expect(warnings).toEqual([]);
			}
		});

		test('show a heart and warn once for a drawing that the page may not have', async ({
			page,
			hearts,
			other,
			warnings,
		}) => {
			for (const [kind, image] of [
				// Of another origin that does not allow it.
				['image', '/image.svg'],
				['image', '/none.png'],
				['bitmap', '/image.svg'],
			] as const) {
				warnings.length = 0;
				await float(page, hearts.url, { ...where, kind, image: other.url + image });
				await shows(page, OWN).toBeGreaterThan(50);
				expect(warnings, `${kind} ${image}`).toHaveLength(1);
				expect(warnings[0]).toContain("'own' is a heart");
			}
		});
	});
}

test.describe('a worker that cannot draw', () => {
	test('leaves the drawing to the page, with a warning and without a violation', async ({
		page,
		hearts,
		other,
		warnings,
	}) => {
		for (const [address, reason] of [
			['/none.js', 'did not start'],
			['/page.html', 'did not start'],
			['/other-worker.js', 'of another release'],
			[other.url + WORKER, 'is of another origin'],
		] as const) {
			warnings.length = 0;
			await float(page, hearts.url, { worker: address, type: 'heart' });
			await expectPageDraws(page);
			expect(warnings, address).toEqual([expect.stringContaining(reason)]);
			expect(await violationsOf(page)).toEqual([]);
		}
	});

	test('leaves the drawing to the page when the policy forbids it, with that violation alone', async ({
		page,
		warnings,
	}) => {
		const strict = await HeartsSite.start("default-src 'self'; worker-src 'none'");
		await float(page, strict.url, { worker: WORKER, type: 'heart' });
		await expectPageDraws(page);
		expect(warnings).toHaveLength(1);
		expect(await violationsOf(page)).toEqual(['worker-src']);
		strict.close();
	});

	test('keeps the taps until then', async ({ page, hearts }) => {
		await page.goto(hearts.url);
		await page.waitForFunction(() => 'createHearts' in window);
		await page.evaluate(() => {
			const view = window as unknown as HeartsWindow;
			const canvas = document.querySelector('canvas') as HTMLCanvasElement;
			view.createHearts(canvas, { worker: '/none.js' }).burst({ own: true });
		});
		await expect.poll(() => framesOf(page)).toBeGreaterThan(0);
	});
});

test('a canvas holds 500 hearts', async ({ page, hearts }) => {
	await page.setViewportSize({ width: 1440, height: 810 });
	await page.goto(hearts.url);
	await page.waitForFunction(() => 'createHearts' in window);
	await page.evaluate(() => {
		const view = window as unknown as HeartsWindow & { drawn: number };
		const { drawImage } = CanvasRenderingContext2D.prototype;
		const canvas = document.querySelector('canvas') as HTMLCanvasElement;
		const { clearRect } = CanvasRenderingContext2D.prototype;
		let drawn = 0;
		// A frame clears the canvas, then draws its particles.
		CanvasRenderingContext2D.prototype.clearRect = function (...area) {
			if (this.canvas === canvas) [view.drawn, drawn] = [drawn, 0];
			clearRect.apply(this, area);
		};
		CanvasRenderingContext2D.prototype.drawImage = function (...args: unknown[]) {
			if (this.canvas === canvas) drawn++;
			Reflect.apply(drawImage, this, args);
		};
		const floating = view.createHearts(canvas, { maxParticles: 500 });
		setInterval(() => floating.burst({ count: 1_000_000 }), 50);
	});
	await expect.poll(() => page.evaluate(() => (window as unknown as { drawn: number }).drawn)).toBeGreaterThan(400);
	expect(await page.evaluate(() => (window as unknown as { drawn: number }).drawn)).toBeLessThanOrEqual(500);
});

test('a canvas that a worker had stays empty, with a warning', async ({ page, hearts, warnings }) => {
	await float(page, hearts.url, { worker: WORKER, type: 'heart' });
	await shows(page, RED).toBeGreaterThan(50);
	await page.evaluate((worker) => {
		const view = window as unknown as HeartsWindow;
		view.hearts.stop();
		const canvas = document.querySelector('canvas') as HTMLCanvasElement;
		view.hearts = view.createHearts(canvas, { worker });
	}, WORKER);
	await expect.poll(() => warnings.length).toBe(2);
	await shows(page, RED).toBe(0);
});
