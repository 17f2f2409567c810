import type { PresenceEvent } from '@likewire/protocol';
import { expect, it } from 'vitest';
import { EventStream } from '../../../test/event-stream.ts';
import { freePort } from '../../../test/free-port.ts';
import { GatewayProcess } from '../../../test/gateway-process.ts';
import { testDirectory } from '../../../test/temporary-directory.ts';

const D = 2_000;
const E = 1_000;
const GONE = D + 2 * E;
/** Longer than three missed pings, in milliseconds. */
const OUT = 5_000;
const ROLES = { 'likes-1': 'likes', 'core-1': 'dispatcher', 'core-2': 'dispatcher', 'frontend-1': 'frontend' };
/** Users of both dispatchers: some stay online, the others leave. */
const HERE = Array.from({ length: 12 }, (_, index) => `here-${index}`);
const AWAY = Array.from({ length: 12 }, (_, index) => `away-${index}`);

/** Lets the time pass in which a wrong event would arrive. */
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

/** Opens a stream that follows all users, and waits until it shows their presence. Returns a function for later events. */
async function watched(frontend: GatewayProcess): Promise<() => PresenceEvent[]> {
	const query = new URLSearchParams([...HERE, ...AWAY].map((user) => ['presence', user]));
	const watcher = await EventStream.openQuery(frontend, `${query}`);
	// The users of AWAY are online before they leave.
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

/** Returns the events that show a user wrongly. */
const wrong = (events: readonly PresenceEvent[]) =>
	events.filter(({ user, online }) => online !== user.startsWith('here'));

it('shows no user wrongly after an owner is killed', async () => {
	const processes = await startProcesses();
	const shown = await watched(processes['frontend-1']);
	processes['core-1'].kill('SIGKILL');
	await pass(OUT + GONE + E);
	expect(wrong(shown())).toEqual([]);
	const late = await EventStream.openQuery(processes['frontend-1'], 'presence=here-0&presence=here-1&presence=here-2');
	await late.event('presence', ({ online }) => online);
});

it('shows no user wrongly after an owner stalls, loses its users, and continues', async () => {
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
