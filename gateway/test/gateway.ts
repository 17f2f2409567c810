import { pino } from 'pino';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { createApp, type Gateway } from '../src/app.ts';
import { type Flags, parseConfig } from '../src/config/config.ts';
import { makeDirectory, removeDirectory } from './temporary-directory.ts';

/** A gateway in this process, on free ports, with a database of its own. */
export interface TestGateway {
	readonly url: string;
	readonly internalUrl: string;
	readonly port: number;
	readonly dataDir: string;
	stop(): Promise<void>;
}

async function start(flags: Flags): Promise<TestGateway> {
	const dataDir = flags.dataDir ?? makeDirectory();
	const config = parseConfig({}, { port: '0', internalPort: '0', staticDir: 'none', ...flags, dataDir });
	const gateway: Gateway = await createApp(config, pino({ level: 'silent' }));
	return {
		url: gateway.url,
		internalUrl: gateway.internalUrl,
		port: Number(new URL(gateway.url).port),
		dataDir,
		async stop() {
			await gateway.close();
			if (flags.dataDir === undefined) removeDirectory(dataDir);
		},
	};
}

/** A gateway for the test that runs; it stops with it. */
export async function startGateway(flags: Flags = {}): Promise<TestGateway> {
	const gateway = await start(flags);
	onTestFinished(() => gateway.stop());
	return gateway;
}

/** One gateway for all tests of a file: its tests keep apart by the names of their videos. */
export function shareGateway(flags: Flags = {}): () => TestGateway {
	let gateway: TestGateway | undefined;
	beforeAll(async () => {
		gateway = await start(flags);
	});
	afterAll(() => gateway?.stop());
	return () => {
		if (gateway === undefined) throw new Error('the gateway of this file is not up yet');
		return gateway;
	};
}
