import { fileURLToPath } from 'node:url';
import { SECRET, signToken } from '../../gateway/test/tokens.ts';
import { makeOwnedDirectory } from '../../local-cluster/cleanup.ts';
import { freePort } from '../../local-cluster/free-ports.ts';
import { LocalProcess } from '../../local-cluster/nodes/local-process.ts';
import type { BalancedNode } from '../../local-cluster/proxies/balancer.ts';
import { until } from '../../local-cluster/until.ts';

/** The main file of the built gateway. */
const BUILT_GATEWAY = fileURLToPath(new URL('../../gateway/dist/main.js', import.meta.url));

/** The limits of the attacked gateway: small, so that a leak of some MB ends it. */
export const LIMITS = { heapMb: 96, descriptors: 512 } as const;

const START_TIMEOUT_MS = 60_000;

/** How a gateway authenticates its callers: it trusts a header, or requires tokens. */
export type TargetMode = 'development' | 'tokens';

export interface TargetOptions {
	readonly mode: TargetMode;
	/** The directory that it serves. */
	readonly staticDir: string;
	/** Its main file; the built one by default. */
	readonly file?: string | undefined;
}

/** A gateway in a process of its own, with a small heap and few descriptors. */
export interface Target extends BalancedNode {
	readonly url: string;
	readonly internalUrl: string;
	readonly pid: number;
	readonly alive: boolean;
	/** The end of its log. */
	readonly log: string;
	/** Returns headers that authenticate this user. */
	as(user: string): Promise<Readonly<Record<string, string>>>;
	stop(): Promise<void>;
}

/** Starts a gateway, and resolves when it is ready. Rejects after a minute. */
export async function startTarget({ mode, staticDir, file = BUILT_GATEWAY }: TargetOptions): Promise<Target> {
	const [port, internalPort] = [await freePort(), await freePort()];
	const node = [process.execPath, `--max-old-space-size=${LIMITS.heapMb}`, file];
	const flags = { port, 'internal-port': internalPort, 'data-dir': makeOwnedDirectory(), 'static-dir': staticDir };
	const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
	const inherited = Object.entries(process.env).filter(([name]) => !/^(LIKEWIRE_|UWS_|VITEST|NODE_OPTIONS)/.test(name));
	const gateway = new LocalProcess({
		file: 'sh',
		args: ['-c', `ulimit -n ${LIMITS.descriptors}; exec "$@"`, 'sh', ...node, ...args],
		env: { ...Object.fromEntries(inherited), ...(mode === 'tokens' && { LIKEWIRE_JWT_SECRET: SECRET }) },
	});
	const internalUrl = `http://127.0.0.1:${internalPort}`;
	async function isReady(): Promise<boolean> {
		if (gateway.exit !== undefined) throw new Error(`the gateway ended: ${gateway.written}`);
		return (await fetch(`${internalUrl}/readyz`).catch(() => undefined))?.ok === true;
	}
	await until(isReady, { what: 'the gateway to be ready', timeoutMs: START_TIMEOUT_MS });
	return {
		node: 'attacked',
		url: `http://127.0.0.1:${port}`,
		port,
		internalUrl,
		internalPort,
		get pid() {
			return gateway.pid;
		},
		get alive() {
			return gateway.exit === undefined;
		},
		get log() {
			return gateway.written;
		},
		async as(user) {
			if (mode === 'development') return { 'X-Likewire-User': user };
			return { Authorization: `Bearer ${await signToken({ sub: user })}` };
		},
		async stop() {
			gateway.signal('SIGKILL');
			await gateway.ended;
		},
	};
}
