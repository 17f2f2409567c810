import { afterEach, describe, expect, it } from 'vitest';
import { residentBytes } from '../measure/process-usage.ts';
import { findViewerClient } from '../viewers/viewer-client.ts';
import type { GroupReport } from '../viewers/viewer-report.ts';
import { createViewers } from '../viewers/viewers.ts';
import { PeerEvents } from './peer-events.ts';
import { findPeers } from './peers.ts';

const client = findViewerClient();
const VIEWERS = 20;
const BYTES = 700;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

describe('PeerEvents', () => {
	it('returns events of the asked size', () => {
		const events = new PeerEvents();
		for (let round = 0; round < 12; round++) expect(events.next(500)).toHaveLength(500);
		expect(JSON.parse(events.snapshot())).toMatchObject({ totals: { heart: 12 }, delta: {}, recent: [] });
	});

	it('returns a whole event when the asked size is too small', () => {
		expect(JSON.parse(new PeerEvents().next(1))).toMatchObject({ totals: { heart: 1 }, delta: { heart: 1 } });
	});
});

describe.each(findPeers())('$name', (kind) => {
	// CI installs what is missing.
	const cannotRun = (kind.missing !== undefined || client.language !== 'c') && process.env.CI === undefined;

	it.skipIf(cannotRun)('delivers each event to each viewer, at its own speed and at a rate', async () => {
		const peer = await kind.start(VIEWERS);
		closers.push(() => peer.close());
		expect(residentBytes(peer.pid)).toBeGreaterThan(1024 * 1024);
		const viewers = createViewers(client, peer.port, kind.stream);
		closers.push(() => viewers.close());
		await viewers.open('all', VIEWERS);
		const report = async () => (await viewers.report()).groups.get('all') as GroupReport;
		expect(await report()).toMatchObject({ withSnapshot: VIEWERS, frames: VIEWERS });

		const saturated = await peer.play({ seconds: 0.3, bytes: BYTES });
		const steady = await peer.play({ seconds: 0.3, bytes: 2 * BYTES, perSecond: 20 });
		expect(saturated.sent).toBeGreaterThan(0);
		expect(steady.sent).toBeGreaterThan(0);
		const sent = saturated.sent + steady.sent;
		await expect.poll(async () => (await report()).frames).toBe(VIEWERS * (1 + sent));
		expect(await report()).toMatchObject({
			deliveries: VIEWERS * sent,
			shown: VIEWERS * sent,
			closed: 0,
			violations: { snapshot: 0, sum: 0, fall: 0, format: 0 },
			lowest: { heart: sent },
			highest: { heart: sent },
		});
		expect((await report()).bytes).toBeGreaterThan(VIEWERS * (saturated.sent * BYTES + steady.sent * 2 * BYTES));
	});
});
