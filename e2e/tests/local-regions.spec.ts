import type { Page } from '@playwright/test';
import { hasPostgres } from '../../local-cluster/nodes/local-postgres.ts';
import { lives, test } from '../support/cluster-command.ts';
import { expect, Player } from '../support/test.ts';

/** Resolves with whether the canvas of hearts shows any pixel. */
function heartsFly(page: Page): Promise<boolean> {
	return page.locator('canvas[data-hearts]').evaluate((canvas: HTMLCanvasElement) => {
		if (canvas.width === 0 || canvas.height === 0) return false;
		const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
		return data.some((byte) => byte > 0);
	});
}

test('npm run cluster -- --regions 2 shows a like of one region in the other, and shuts down', async ({
	browser,
	run,
}) => {
	const usesPostgres = hasPostgres() || process.env.CI !== undefined;
	const command = run('--regions', '2', '--port', '0', '--frontends', '1', '--', '--log-level', 'warn');
	await command.prints(/(CTRL-C)/);
	const [eu = '', us = ''] = [...command.printed.matchAll(/Demo +(http\S+)/g)].map(([, demo]) => demo);
	// Each region has a frontend, two dispatchers, two Likes nodes and a PostgreSQL; without PostgreSQL one Likes node.
	expect(command.pids).toHaveLength(usesPostgres ? 12 : 8);
	const pages = await Promise.all(
		[eu, us].map(async (demo) => {
			const page = await (await browser.newContext()).newPage();
			await page.goto(demo);
			await expect(new Player(page).state).toHaveAttribute('data-state', 'live');
			return page;
		}),
	);
	const [here, there] = pages as [Page, Page];
	expect(await heartsFly(there)).toBe(false);

	await new Player(here).button('heart').click();
	await expect.poll(() => heartsFly(there), { intervals: [50] }).toBe(true);
	await expect(new Player(there).total).toHaveAttribute('data-value', '1');
	await new Player(there).button('clap').click();
	for (const page of pages) {
		await expect(new Player(page).total).toHaveAttribute('data-value', '2');
		await expect(new Player(page).count('heart')).toHaveAttribute('data-value', '1');
		await expect(new Player(page).count('clap')).toHaveAttribute('data-value', '1');
	}

	const { pids } = command;
	expect(await command.end('SIGTERM')).toBe(0);
	expect(command.printed, 'no node ended by itself').not.toMatch(/ended by itself/);
	expect(pids.filter(lives)).toEqual([]);
	expect(command.leftovers).toEqual([]);
});

test('npm run cluster -- --regions 2 leaves no process or file behind, even after kill -9', async ({ run }) => {
	const command = run('--regions', '2', '--port', '0', '--frontends', '1', '--dispatchers', '1');
	await command.prints(/(CTRL-C)/);
	const { pids } = command;
	expect(pids.filter(lives)).toHaveLength(pids.length);
	await command.end('SIGKILL');
	await expect.poll(() => pids.filter(lives)).toEqual([]);
	await expect.poll(() => command.leftovers).toEqual([]);
});
