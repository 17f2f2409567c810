import { createClient, type Totals } from '@likewire/sdk';
import { expect, it, onTestFinished } from 'vitest';
import { GatewayProcess } from '../../gateway/test/gateway-process.ts';
import { TcpGate } from '../../gateway/test/tcp-gate.ts';
import { testDirectory } from '../../gateway/test/temporary-directory.ts';
import { freePort } from '../../local-cluster/free-ports.ts';
import { eventually } from './stream-server.ts';

async function totalsAt({ url }: { readonly url: string }, video: string): Promise<Totals> {
	return ((await (await fetch(`${url}/v1/videos/${video}`)).json()) as { totals: Totals }).totals;
}

it('a like that a region stored without an answer counts once, though the client asks another region next', async () => {
	const directories = { eu: testDirectory(), us: testDirectory() };
	const ports = { eu: await freePort(), us: await freePort() };
	const start = (region: 'eu' | 'us', other: 'eu' | 'us') =>
		GatewayProcess.serving(directories[region], {
			args: [
				'--region',
				region,
				'--internal-port',
				`${ports[region]}`,
				'--regions',
				`${other}=127.0.0.1:${ports[other]}`,
			],
			env: { LIKEWIRE_CLUSTER_SECRET: 'a-secret-of-the-cluster', LIKEWIRE_RETRY_MS: '100' },
		});
	let [eu, us] = await Promise.all([start('eu', 'us'), start('us', 'eu')]);
	const gate = await TcpGate.before(eu.url);
	const live = createClient({ url: [gate.url, us.url], user: 'ann' });
	onTestFinished(live.close);
	const video = live.video('v1');
	await eventually(() => expect(live.state).toBe('live'));
	await video.like();

	gate.loseAnswers();
	let answer: unknown;
	const first = video.like().then((answered) => {
		answer = answered;
	});
	await expect.poll(() => totalsAt(eu, 'v1')).toEqual({ heart: 2 });
	await expect.poll(() => totalsAt(us, 'v1')).toEqual({ heart: 2 });
	const states: string[] = [];
	live.on('state', (state) => states.push(state));
	eu.kill('SIGKILL');
	await eu.ended();
	gate.shut();
	await eventually(() => expect(states).toContain('waiting'));
	await eventually(() => expect(live.state).toBe('live'));

	// The other region takes new likes, but not those that may have been counted.
	await expect(video.like()).resolves.toMatchObject({ duplicate: false, totals: { heart: 3 } });
	expect([answer, await totalsAt(us, 'v1')]).toEqual([undefined, { heart: 3 }]);

	eu = await start('eu', 'us');
	await first;
	expect(answer).toMatchObject({ duplicate: true });
	for (const region of [eu, us]) await expect.poll(() => totalsAt(region, 'v1')).toEqual({ heart: 3 });
	await eventually(() => expect(video.totals).toEqual({ heart: 3 }));
});
