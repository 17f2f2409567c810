import { describe, onTestFinished } from 'vitest';
import { type EtcdOptions, EtcdServer, findEtcd } from './etcd-server.ts';

/** Declares tests with a real etcd. Without etcd they are skipped, but fail in CI, which installs it. */
export function describeWithEtcd(name: string, tests: () => void): void {
	const isMissing = findEtcd() === undefined && !process.env.CI;
	describe.skipIf(isMissing)(
		isMissing ? `${name} (skipped: etcd is not installed; apt-get install etcd-server)` : name,
		tests,
	);
}

/** Starts an etcd until the end of the test. */
export async function startEtcd(options?: EtcdOptions): Promise<EtcdServer> {
	const server = await EtcdServer.start(options);
	onTestFinished(() => server.stop());
	return server;
}

/** Sends a member a request that the gateway never sends, and resolves with its JSON. */
export async function askEtcd(endpoint: string, path: string, body: unknown): Promise<unknown> {
	const response = await fetch(`${endpoint}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
	if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
	return response.json();
}

/** Returns text as etcd encodes it in JSON. */
export const base64 = (text: string) => Buffer.from(text).toString('base64');
