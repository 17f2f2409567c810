import { paths } from '@likewire/protocol';
import { expect, it } from 'vitest';
import { EventStream } from '../../../test/event-stream.ts';
import { freePort } from '../../../test/free-port.ts';
import type { GatewayProcess } from '../../../test/gateway-process.ts';
import { newVideo, postJson } from '../../../test/http-client.ts';
import { ShiftedGateways } from '../../../test/shifted-gateways.ts';

/** The longest wait on a busy machine, in milliseconds. */
const TIMEOUT_MS = 40_000;
const HOUR_MS = 3_600_000;

const poll = (ask: () => unknown) => expect.poll(ask, { timeout: TIMEOUT_MS });

/** A Likes node that is a dispatcher, and two frontends; the clock of each can be set. */
async function cluster() {
	const roles = { core: 'likes+dispatcher', one: 'frontend', two: 'frontend' };
	const ports = new Map<string, number>();
	for (const name of Object.keys(roles)) ports.set(name, await freePort());
	const peers = Object.entries(roles).map(([name, role]) => `${name}=${role}@127.0.0.1:${ports.get(name)}`);
	const gateways = new ShiftedGateways();
	const setClock = (name: string, aheadMs: number) => gateways.set(name, aheadMs);
	const start = (name: keyof typeof roles, aheadMs: number) =>
		gateways.start(name, aheadMs, {
			roles: roles[name].replaceAll('+', ','),
			'internal-port': `${ports.get(name)}`,
			peers: peers.join(),
		});
	return { start, setClock };
}

async function readiness({ internalUrl }: GatewayProcess): Promise<string> {
	const response = await fetch(`${internalUrl}/readyz`);
	return response.ok ? 'ready' : ((await response.json()) as { detail: string }).detail;
}

const loggedBy = ({ logLines }: GatewayProcess, message: string) =>
	logLines
		.filter((line) => line.includes(message))
		.map((line) => JSON.parse(line) as { level: number; aheadMs?: number; others?: string[] });

it.each([
	['ahead of', 2 * HOUR_MS],
	['behind', -26 * HOUR_MS],
])(
	'keeps a node whose clock is hours %s the others not ready until the clock is set',
	async (how, ms) => {
		const { start, setClock } = await cluster();
		const core = await start('core', 0);
		const one = await start('one', 0);
		await poll(() => readiness(one)).toBe('ready');
		const two = await start('two', ms);
		const seconds = Math.abs(ms) / 1_000;
		const detail = new RegExp(`clock of this node is (${seconds - 1}|${seconds}|${seconds + 1}) s ${how} that of core`);
		await poll(() => readiness(two)).toMatch(detail);
		await poll(() => loggedBy(two, 'clock differs from the other nodes').length).toBe(1);
		const [warning] = loggedBy(two, 'clock differs from the other nodes');
		expect(warning).toMatchObject({ level: 40, others: ['core'] });
		expect(Math.abs((warning?.aheadMs ?? 0) - ms)).toBeLessThan(60_000);
		// The nodes with correct clocks continue to serve.
		expect([await readiness(core), await readiness(one)]).toEqual(['ready', 'ready']);
		expect(loggedBy(core, 'clock differs from the other nodes')).toEqual([]);

		setClock('two', 0);
		await poll(() => readiness(two)).toBe('ready');
		await poll(() => loggedBy(two, 'clock agrees with the other nodes').length).toBe(1);
		const video = newVideo();
		const stream = await EventStream.open(two, video);
		await stream.hello();
		await poll(
			async () => (await postJson(two.url + paths.likes(video), {}, { 'X-Likewire-User': 'ann' })).status,
		).toBe(201);
		await stream.holds(video, 1, 'heart', TIMEOUT_MS);
	},
	150_000,
);

it('makes a node with a changed clock not ready, and keeps its streams', async () => {
	const { start, setClock } = await cluster();
	await start('core', 0);
	const one = await start('one', 0);
	const two = await start('two', 0);
	await poll(() => readiness(two)).toBe('ready');
	await poll(() => readiness(one)).toBe('ready');
	const video = newVideo();
	const stream = await EventStream.open(two, video);
	await stream.hello();
	setClock('two', -24 * HOUR_MS);
	await poll(() => readiness(two)).toContain('86400 s behind that of core');
	await poll(async () => (await postJson(one.url + paths.likes(video), {}, { 'X-Likewire-User': 'ann' })).status).toBe(
		201,
	);
	await stream.holds(video, 1, 'heart', TIMEOUT_MS);
	expect(await readiness(one)).toBe('ready');
	setClock('two', 0);
	await poll(() => readiness(two)).toBe('ready');
}, 150_000);
