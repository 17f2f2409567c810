import { describe, onTestFinished } from 'vitest';
import { type EtcdOptions, EtcdServer, findEtcd } from './etcd-server.ts';

/** Tests with a real etcd. Where it is not installed they are skipped, and fail in CI, which installs it. */
export function describeWithEtcd(name: string, tests: () => void): void {
	const isMissing = findEtcd() === undefined && !process.env.CI;
	describe.skipIf(isMissing)(
		isMissing ? `${name} (skipped: there is no etcd; apt-get install etcd-server)` : name,
		tests,
	);
}

/** An etcd for the test that runs; it ends with it. */
export async function startEtcd(options?: EtcdOptions): Promise<EtcdServer> {
	const server = await EtcdServer.start(options);
	onTestFinished(() => server.stop());
	return server;
}

/** Asks a member for something that the gateway itself never does, such as to compact; answers with its JSON. */
export async function askEtcd(endpoint: string, path: string, body: unknown): Promise<unknown> {
	const response = await fetch(`${endpoint}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
	if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
	return response.json();
}

/** Text as etcd has it in JSON. */
export const base64 = (text: string) => Buffer.from(text).toString('base64');
