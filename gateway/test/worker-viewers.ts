import { request } from 'node:http';
import type { HelloEvent, PollAnswer } from '@likewire/protocol';
import { expect } from 'vitest';
import type { MemberReport } from '../src/cluster/membership/member.ts';

interface Place {
	readonly url: string;
	readonly internalUrl: string;
}

/** Returns the number of the worker that has a connection. */
export function workerIn({ connection }: Pick<HelloEvent, 'connection'>): number {
	const worker = /\.(\d+)~/.exec(connection)?.[1];
	if (worker === undefined) throw new Error(`${connection} names no worker`);
	return Number(worker);
}

/** Opens viewers until each of two workers has at least `least`; the kernel chooses the worker. */
export async function openOnBoth<Viewer extends { hello(): Promise<HelloEvent> }>(
	open: () => Promise<Viewer>,
	least = 1,
): Promise<{ readonly all: readonly Viewer[]; readonly at: ReadonlyMap<number, readonly Viewer[]> }> {
	const all: Viewer[] = [];
	const at = new Map<number, Viewer[]>();
	while (at.size < 2 || [...at.values()].some((some) => some.length < least)) {
		const viewer = await open();
		all.push(viewer);
		const worker = workerIn(await viewer.hello());
		at.set(worker, [...(at.get(worker) ?? []), viewer]);
	}
	return { all, at };
}

/** Resolves with the report of the first node of an address. */
export async function memberReport({ internalUrl }: Place): Promise<MemberReport> {
	const report = (await (await fetch(`${internalUrl}/v1/cluster`)).json()) as { members: [MemberReport] };
	return report.members[0];
}

/** Waits until a gateway has this number of workers that serve, and resolves with their processes. */
export async function workerPids(gateway: Place, count = 2): Promise<number[]> {
	const serving = async () => ((await memberReport(gateway)).workers ?? []).flatMap(({ pid }) => pid ?? []);
	await expect.poll(async () => (await serving()).length).toBe(count);
	return serving();
}

/** Sends a request on a connection of its own, so that the kernel chooses the worker for each. */
export function ask(
	url: string,
	{ method = 'GET', body, user = 'ann' }: { method?: string; body?: unknown; user?: string } = {},
): Promise<{ readonly status: number; readonly text: string }> {
	const text = body === undefined ? '' : JSON.stringify(body);
	return new Promise((resolve, reject) => {
		const headers = { 'Content-Type': 'application/json', 'X-Likewire-User': user, 'Content-Length': text.length };
		const sent = request(url, { method, agent: false, headers }, (response) => {
			let received = '';
			response.setEncoding('utf8').on('data', (part: string) => {
				received += part;
			});
			response.on('end', () => resolve({ status: response.statusCode ?? 0, text: received }));
			response.on('error', reject);
		});
		sent.on('error', reject);
		sent.end(text);
	});
}

/** Returns the events of a poll on a connection of its own. */
export async function poll({ url }: Pick<Place, 'url'>, video: string, id: string): Promise<PollAnswer> {
	const { status, text } = await ask(`${url}/v1/poll?video=${video}&poll=${id}`);
	expect([status, text]).toEqual([200, expect.any(String)]);
	return JSON.parse(text) as PollAnswer;
}

/** Returns whether a process runs. */
export function runs(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}
