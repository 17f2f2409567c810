import { paths } from '@likewire/protocol';
import { expect, it } from 'vitest';
import { textsOf } from '../../test/comments.ts';
import { EventStream } from '../../test/event-stream.ts';
import { freePort } from '../../test/free-port.ts';
import type { GatewayProcess } from '../../test/gateway-process.ts';
import { newVideo, postJson } from '../../test/http-client.ts';
import { describeWithPostgres, sharePostgres } from '../../test/postgres.ts';
import { ShiftedGateways } from '../../test/shifted-gateways.ts';
import { testDirectory } from '../../test/temporary-directory.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The longest wait on a busy machine, in milliseconds. */
const TIMEOUT_MS = 40_000;

const poll = (ask: () => unknown) => expect.poll(ask, { timeout: TIMEOUT_MS });

async function ready({ internalUrl }: GatewayProcess): Promise<void> {
	await poll(async () => (await fetch(`${internalUrl}/readyz`)).status).toBe(200);
}

/** The signals that a viewer receives of a conversation, a topic and a video. */
async function follow(gateway: GatewayProcess, video: string) {
	const stream = await EventStream.openQuery(gateway, `conversation=c1&topic=scores&video=${video}&user=eva`);
	await stream.hello();
	const of = (event: string) => stream.events.filter(({ name }) => name === event).map(({ data }) => data);
	return {
		typing: () => of('typing').map((data) => (data as { typing: boolean }).typing),
		scores: () => of('custom').map((data) => (data as { data: unknown }).data),
		read: () => of('receipt').map((data) => (data as { message: string }).message),
		texts: () => of('comment').map((data) => (data as { text: string }).text),
	};
}

type Shown = Awaited<ReturnType<typeof follow>>;

const ANN = { 'X-Likewire-User': 'ann' };

async function post({ url }: GatewayProcess, path: string, body: object): Promise<void> {
	await poll(async () => (await postJson(url + path, body, ANN)).status).toBeLessThan(300);
}

/** Sends one signal of each kind through a gateway, and waits until all viewers receive each of them. */
async function signalAll(gateway: GatewayProcess, video: string, number: number, viewers: readonly Shown[]) {
	const typing = number % 2 === 1;
	await post(gateway, paths.typing('c1'), { typing });
	for (const shown of viewers) await poll(() => shown.typing().at(-1)).toBe(typing);
	await post(gateway, paths.topicEvents('scores'), { name: 'goal', data: number, class: 'signal' });
	for (const shown of viewers) await poll(() => shown.scores().at(-1)).toBe(number);
	await post(gateway, paths.receipts('c1'), { message: `m${number}`, state: 'read' });
	for (const shown of viewers) await poll(() => shown.read().at(-1)).toBe(`m${number}`);
	await post(gateway, paths.comments(video), { text: `${number}` });
	for (const shown of viewers) await poll(() => shown.texts().at(-1)).toBe(`${number}`);
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

const postgres = sharePostgres();

describeWithPostgres('two Likes nodes on one PostgreSQL whose clocks are 50 minutes apart', () => {
	it('publish the signals in order, and do not move the clock of the store', async () => {
		await postgres().start();
		const database = await postgres().createDatabase();
		const names = { l1: 'likes', l2: 'likes', f: 'dispatcher+frontend' } as const;
		const ports = new Map<string, number>();
		for (const name of Object.keys(names)) ports.set(name, await freePort());
		const peers = Object.entries(names).map(([name, roles]) => `${name}=${roles}@127.0.0.1:${ports.get(name)}`);
		const gateways = new ShiftedGateways();
		const start = (name: keyof typeof names, aheadMs: number) =>
			gateways.start(name, aheadMs, {
				roles: names[name].replaceAll('+', ','),
				'internal-port': `${ports.get(name)}`,
				peers: peers.join(),
				...(name !== 'f' && { 'database-url': database }),
			});
		const [frontend, right, ahead] = [await start('f', 0), await start('l1', 0), await start('l2', 50 * MINUTE_MS)];
		for (const gateway of [frontend, right, ahead]) await ready(gateway);
		const video = newVideo();
		const shown = await follow(frontend, video);
		for (const number of numbers(6)) await signalAll(number % 2 === 0 ? right : ahead, video, number, [shown]);
		expect(await textsOf(frontend, video)).toEqual(['6', '5', '4', '3', '2', '1']);
		const [clock] = await postgres().query<{ at: string }>('SELECT at FROM likewire.clock', database);
		expect(Number(clock?.at)).toBeLessThan(Date.now() + MINUTE_MS);
	}, 200_000);
});

it('publishes the newest signals after a clock was set a day ahead and back, and after a restart', async () => {
	const gateways = new ShiftedGateways();
	const dataDir = testDirectory();
	const video = newVideo();
	const gateway = await gateways.start('n', 0, {}, dataDir);
	const shown = await follow(gateway, video);
	let number = 0;
	for (const aheadMs of [0, DAY_MS, -DAY_MS, 0]) {
		gateways.set('n', aheadMs);
		await signalAll(gateway, video, ++number, [shown]);
		await signalAll(gateway, video, ++number, [shown]);
	}
	for (const aheadMs of [DAY_MS, -DAY_MS]) {
		gateways.set('n', aheadMs);
		await signalAll(gateway, video, ++number, [shown]);
	}
	gateway.kill('SIGKILL');
	await gateway.ended();
	const again = await gateways.start('n', -DAY_MS, {}, dataDir);
	const shownAgain = await follow(again, video);
	for (const _ of numbers(2)) await signalAll(again, video, ++number, [shownAgain]);
}, 200_000);

it('publishes the newest signals and all comments in two regions whose clocks are set a day apart', async () => {
	const gateways = new ShiftedGateways();
	const ports = { eu: await freePort(), us: await freePort() };
	const start = (region: 'eu' | 'us', other: 'eu' | 'us') =>
		gateways.start(region, 0, {
			region,
			'internal-port': `${ports[region]}`,
			regions: `${other}=127.0.0.1:${ports[other]}`,
		});
	const [eu, us] = [await start('eu', 'us'), await start('us', 'eu')];
	const video = newVideo();
	const viewers = [await follow(eu, video), await follow(us, video)];
	let number = 0;
	for (const aheadMs of [0, DAY_MS, -DAY_MS]) {
		gateways.set('eu', aheadMs);
		for (const region of [eu, us, eu]) {
			number++;
			const typing = number % 2 === 1;
			await post(region, paths.typing(`c1`), { typing });
			for (const { typing: seen } of viewers) await poll(() => seen().at(-1)).toBe(typing);
			await post(region, paths.topicEvents('scores'), { name: 'goal', data: number, class: 'signal' });
			for (const { scores } of viewers) await poll(() => scores().at(-1)).toBe(number);
			await post(region, paths.comments(video), { text: `${number}` });
			for (const { texts } of viewers) await poll(() => texts()).toContain(`${number}`);
			// A receipt has a higher order than those in its store, which receives the receipts of the other region later.
			await poll(async () => {
				await post(region, paths.receipts('c1'), { message: `m${number}`, state: 'read' });
				return viewers.map(({ read }) => read().at(-1));
			}).toEqual([`m${number}`, `m${number}`]);
		}
	}
	for (const { texts } of viewers) expect(texts().toSorted()).toEqual(numbers(number).map(String).toSorted());
}, 200_000);
