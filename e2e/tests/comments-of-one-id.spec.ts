import { paths, uuid } from '@likewire/protocol';
import type { Locator, Page } from '@playwright/test';
import { ROLES } from '../../gateway/src/cluster/membership/peer.ts';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../local-cluster/cleanup.ts';
import { freePort } from '../../local-cluster/free-ports.ts';
import { LocalNode } from '../../local-cluster/nodes/local-node.ts';
import { test as base } from '../support/browser-test.ts';
import { expect, Player } from '../support/test.ts';

const NAMES = ['eu', 'us'] as const;

/** Two connected regions of one node each, which are not started. */
const test = base.extend<{ regions: Readonly<Record<(typeof NAMES)[number], LocalNode>> }>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern which fixtures are needed, refuses anything else, and none is.
	regions: async ({}, use) => {
		const ports = { eu: await freePort(), us: await freePort() };
		async function region(name: 'eu' | 'us', other: 'eu' | 'us'): Promise<LocalNode> {
			const flags = ['--region', name, '--regions', `${other}=127.0.0.1:${ports[other]}`, '--log-level', 'error'];
			return new LocalNode({
				node: `${name}-1`,
				roles: ROLES,
				port: await freePort(),
				internalPort: ports[name],
				dataDir: makeOwnedDirectory(),
				flags,
				env: { LIKEWIRE_CLUSTER_SECRET: 'comments-of-one-id' },
				showLog: true,
			});
		}
		const regions = { eu: await region('eu', 'us'), us: await region('us', 'eu') };
		await use(regions);
		for (const node of Object.values(regions)) {
			await node.stop();
			removeOwnedDirectory(node.dataDir);
		}
	},
});

async function comment(node: LocalNode, user: string, id: string, text: string): Promise<void> {
	const response = await fetch(node.url + paths.comments('demo'), {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', 'X-Likewire-User': user },
		body: JSON.stringify({ id, text }),
	});
	expect(response.status).toBe(201);
}

function row(page: Page, text: string): Locator {
	return page.locator('li.comment', { has: page.getByText(text, { exact: true }) });
}

test('likes and deletes comments of one id from several authors and regions separately', async ({
	browser,
	regions: { eu, us },
}) => {
	const [one, two] = [uuid(), uuid()];
	// Each region runs alone while it takes its comments, so both accept the same ids.
	await us.start();
	await comment(us, 'bob', one, 'of bob');
	await comment(us, 'ann', two, 'of ann over there');
	await us.stop();
	await eu.start();
	await comment(eu, 'ann', one, 'of ann');
	await comment(eu, 'ann', two, 'of ann over here');
	await us.start();

	const page = await (await browser.newContext()).newPage();
	await page.goto(`${eu.url}/?video=demo`);
	await expect(new Player(page).state).toHaveAttribute('data-state', 'live');
	const texts = ['of ann', 'of bob', 'of ann over here', 'of ann over there'];
	for (const text of texts) await expect(row(page, text)).toHaveCount(1);

	await row(page, 'of bob').locator('.like').click();
	await expect(row(page, 'of bob').locator('.likes')).toHaveText('1');
	await expect(row(page, 'of bob').locator('.like')).toHaveAttribute('aria-pressed', 'true');
	await expect(row(page, 'of ann').locator('.likes')).toHaveText('');
	const likedOverThere = async () => {
		const { comments } = (await (await fetch(us.url + paths.comments('demo'))).json()) as {
			comments: readonly { readonly user: string; readonly likes?: unknown }[];
		};
		return comments.filter(({ likes }) => likes !== undefined).map(({ user }) => user);
	};
	// The page shows a tap before a region has it.
	await expect.poll(likedOverThere).toEqual(['bob']);

	const deleted = await fetch(`${us.url}${paths.comment('demo', one)}`, {
		method: 'DELETE',
		headers: { 'X-Likewire-User': 'bob' },
	});
	expect(deleted.status).toBe(200);
	await expect(row(page, 'of bob')).toHaveCount(0);
	for (const text of texts.filter((text) => text !== 'of bob')) await expect(row(page, text)).toHaveCount(1);
});
