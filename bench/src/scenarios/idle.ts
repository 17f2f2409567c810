import { after, VIDEO } from '../bench-environment.ts';
import { coresUsed, cpuTime, residentBytes } from '../measure/process-usage.ts';
import { plainSendRate } from '../plain-send.ts';
import { type GatewayProcess, startGateway } from '../processes/gateway-process.ts';
import type { Scenario } from '../scenario.ts';
import { createViewers, type Viewers } from '../viewers/viewers.ts';

/** Gateways, since a process has at most 20,000 descriptors on many machines. */
const GATEWAYS = 6;

/** The viewers of a gateway for each viewer that the command names: 99,600 of 10,000. */
const VIEWERS_SHARE = 1.66;

/** The default time between two heartbeats of an idle viewer, in seconds. */
const HEARTBEAT_SECONDS = 15;

/** The bytes of a heartbeat with its chunk head and the comment behind it. */
const HEARTBEAT_BYTES = 64;

/** The time in which the rush of the viewers passes, in milliseconds. */
const SETTLE_MS = 5_000;

export const idle: Scenario = {
	name: 'idle',
	about:
		'99,600 viewers of six gateways without events: how fast they join, their memory, and the CPU of their heartbeats',
	seconds: 30,

	async run({ gateway: build, client, viewers, seconds, progress }) {
		const each = Math.round(viewers * VIEWERS_SHARE);
		const count = each * GATEWAYS;
		const nodes: { gateway: GatewayProcess; viewers: Viewers; bytesBefore: number | undefined }[] = [];
		try {
			for (let index = 0; index < GATEWAYS; index++) {
				const gateway = await startGateway(build);
				nodes.push({ gateway, viewers: createViewers(client, gateway.port, VIDEO), bytesBefore: undefined });
			}
			progress('the gateways without viewers');
			await after(SETTLE_MS);
			const empty = await usage(nodes, SETTLE_MS);
			progress(`opening ${count} viewers`);
			for (const node of nodes) node.bytesBefore = residentBytes(node.gateway.pid);
			const openedAt = performance.now();
			await Promise.all(nodes.map((node) => node.viewers.open('idle', each)));
			const joinSeconds = (performance.now() - openedAt) / 1000;
			await after(SETTLE_MS);
			progress(`heartbeats for ${seconds} s`);
			const used = await usage(nodes, seconds * 1000);
			const bytes = nodes.map(({ gateway, bytesBefore = Number.NaN }) => {
				return (residentBytes(gateway.pid) ?? Number.NaN) - bytesBefore;
			});
			const closed = await countClosed(nodes.map((node) => node.viewers));
			progress('the sends of as many heartbeats by a C program');
			const floor = await plainSendRate(client, each, HEARTBEAT_BYTES);
			return {
				figures: [
					{ label: 'viewers', value: count, unit: '' },
					{ label: 'all of them joined within', value: joinSeconds, unit: 's' },
					{ label: 'resident bytes of a viewer', value: sum(bytes) / count, unit: 'B' },
					{ label: 'gateways', value: used, unit: 'cores' },
					{ label: '… more than without viewers', value: used - empty, unit: 'cores' },
					{
						label: 'send() of as many heartbeats in C',
						value: count / HEARTBEAT_SECONDS / (floor?.perCpuSecond ?? Number.NaN),
						unit: 'cores',
					},
				],
				checks: [{ label: 'no viewer lost its stream', ok: closed === 0, detail: `${closed} of ${count}` }],
				details: { viewersEach: each, empty },
			};
		} finally {
			for (const node of nodes) {
				await node.viewers.close();
				await node.gateway.remove();
			}
		}
	},
};

/** Returns the cores that the gateways use together. */
async function usage(nodes: readonly { readonly gateway: GatewayProcess }[], ms: number): Promise<number> {
	const before = nodes.map(({ gateway }) => cpuTime(gateway.pid));
	await after(ms);
	return sum(nodes.map(({ gateway }, index) => coresUsed(before[index], cpuTime(gateway.pid))?.process ?? Number.NaN));
}

async function countClosed(all: readonly Viewers[]): Promise<number> {
	const reports = await Promise.all(all.map((viewers) => viewers.report()));
	return sum(reports.map(({ groups }) => groups.get('idle')?.closed ?? 0));
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}
