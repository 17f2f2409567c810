import { pino } from 'pino';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { createApp, type Gateway } from '../src/app.ts';
import { type Flags, parseConfig } from '../src/config/config.ts';
import { makeDirectory, removeDirectory } from './temporary-directory.ts';

/** A gateway in this process, on free ports, with a separate database. */
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

/** Starts a gateway until the end of the test. */
export async function startGateway(flags: Flags = {}): Promise<TestGateway> {
	const gateway = await start(flags);
	onTestFinished(() => gateway.stop());
	return gateway;
}

/** Starts one gateway for all tests of a file, which use different videos. */
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
