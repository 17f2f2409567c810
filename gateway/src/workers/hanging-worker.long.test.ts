import { describe, expect, it, onTestFinished } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { GatewayProcess } from '../../test/gateway-process.ts';
import { newVideo } from '../../test/http-client.ts';
import { testDirectory } from '../../test/temporary-directory.ts';
import { memberReport, openOnBoth, workerPids } from '../../test/worker-viewers.ts';

describe('a worker that hangs', { timeout: 180_000 }, () => {
	it('is killed and starts again, and costs the other worker nothing', async () => {
		const gateway = await GatewayProcess.serving(testDirectory(), { args: ['--workers', '2'] });
		const { at } = await openOnBoth(() => EventStream.open(gateway, newVideo()));
		const pids = await workerPids(gateway);
		const hanging = (await memberReport(gateway)).workers?.find(({ worker }) => worker === 1)?.pid ?? 0;
		process.kill(hanging, 'SIGSTOP');
		onTestFinished(() => {
			// A stopped process does not see the end of its main process.
			if (pids.includes(hanging)) process.kill(hanging, 'SIGCONT');
		});
		for (const stream of at.get(1) ?? []) await stream.until(() => stream.closed, 120_000);
		pids.splice(pids.indexOf(hanging), 1);
		expect(await workerPids(gateway)).not.toContain(hanging);
		expect(at.get(2)?.some((stream) => stream.closed)).toBe(false);
	});
});
