import type { PresenceEvent } from '@likewire/protocol';
import { expect, it } from 'vitest';
import { EventStream } from '../../../test/event-stream.ts';
import { freePort } from '../../../test/free-port.ts';
import { GatewayProcess } from '../../../test/gateway-process.ts';
import { testDirectory } from '../../../test/temporary-directory.ts';

const D = 2_000;
const E = 1_000;
const GONE = D + 2 * E;
/** Three missed pings, and some. */
const OUT = 5_000;
const ROLES = { 'likes-1': 'likes', 'core-1': 'dispatcher', 'core-2': 'dispatcher', 'frontend-1': 'frontend' };
/** People of both dispatchers, who are there or are not. */
const HERE = Array.from({ length: 12 }, (_, index) => `here-${index}`);
const AWAY = Array.from({ length: 12 }, (_, index) => `away-${index}`);

/** That nothing shows while owners change is seen by letting the time pass in which it would: there is nothing else to wait for. */
const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function startProcesses(): Promise<Record<keyof typeof ROLES, GatewayProcess>> {
	const names = Object.keys(ROLES) as (keyof typeof ROLES)[];
	const ports = await Promise.all(names.map(() => freePort()));
	const peers = names.map((name, index) => `${name}=${ROLES[name]}@127.0.0.1:${ports[index]}`).join();
	const processes = await Promise.all(
		names.map((name, index) =>
			GatewayProcess.serving(testDirectory(), {
				args: [
					...['--node', name, '--roles', ROLES[name], '--internal-port', `${ports[index]}`, '--peers', peers],
					...['--cluster-secret', 'a-secret-of-processes', '--presence-ms', `${D}`, '--presence-grace-ms', `${E}`],
				],
			}),
		),
	);
	return Object.fromEntries(names.map((name, index) => [name, processes[index]])) as never;
}

/** Somebody who watches all of them, once what is to be seen is seen; gives back what they are shown after that. */
async function watched(frontend: GatewayProcess): Promise<() => PresenceEvent[]> {
	const query = new URLSearchParams([...HERE, ...AWAY].map((user) => ['presence', user]));
	const watcher = await EventStream.openQuery(frontend, `${query}`);
	// Who is away was there a moment ago.
	const streams = await Promise.all(AWAY.map((user) => EventStream.openQuery(frontend, `video=v&user=${user}`)));
	for (const user of HERE) await EventStream.openQuery(frontend, `video=v&user=${user}`);
	const events = () => watcher.events.flatMap((event) => (event.name === 'presence' ? [event.data] : []));
	const shown = () => new Map(events().map(({ user, online }) => [user, online]));
	await watcher.until(() => [...HERE, ...AWAY].every((user) => shown().get(user) === true));
	for (const stream of streams) stream.close();
	await watcher.until(() => AWAY.every((user) => shown().get(user) === false));
	expect(HERE.every((user) => shown().get(user) === true)).toBe(true);
	const before = events().length;
	return () => events().slice(before);
}

/** Events that show somebody otherwise than they are. */
const wrong = (events: readonly PresenceEvent[]) =>
	events.filter(({ user, online }) => online !== user.startsWith('here'));

it('an owner that is killed shows nobody as gone, and nobody as there', async () => {
	const processes = await startProcesses();
	const shown = await watched(processes['frontend-1']);
	processes['core-1'].kill('SIGKILL');
	await pass(OUT + GONE + E);
	expect(wrong(shown())).toEqual([]);
	const late = await EventStream.openQuery(processes['frontend-1'], 'presence=here-0&presence=here-1&presence=here-2');
	await late.event('presence', ({ online }) => online);
});

it('an owner that stood still, and goes on after others took its place, shows nobody otherwise than they are', async () => {
	const processes = await startProcesses();
	const shown = await watched(processes['frontend-1']);
	processes['core-1'].kill('SIGSTOP');
	await pass(OUT + GONE);
	processes['core-1'].kill('SIGCONT');
	await pass(OUT + GONE);
	processes['core-1'].kill('SIGSTOP');
	await pass(E + 500);
	processes['core-1'].kill('SIGCONT');
	await pass(GONE + E);
	expect(wrong(shown())).toEqual([]);
});
