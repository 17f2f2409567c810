import type { Client } from '@likewire/sdk';
import { describe, expect, it } from 'vitest';
import { startGateway } from '../../../gateway/test/gateway.ts';
import { TcpGate } from '../../../gateway/test/tcp-gate.ts';
import { comment, follow, LONG_MS, startSlowly as start, stored } from './app-suite.ts';
import { Phone } from './phone.ts';

function statesOf(live: Client): string[] {
	const states: string[] = [];
	live.on('state', (state) => states.push(state));
	return states;
}

describe('an app in the background', () => {
	it('keeps its stream for five minutes, without timers', async () => {
		const gateway = await start();
		const phone = new Phone();
		const { texts } = await follow(await phone.open({ url: gateway.url }));
		phone.setAppState('background');
		await comment(gateway, 'one');
		await expect.poll(() => texts).toEqual(['one']);
		expect((await stored(gateway)).viewers).toBe(1);
	});

	it('keeps its stream while it plays media', async () => {
		const gateway = await start();
		const phone = new Phone();
		const live = await phone.open({ url: gateway.url, playsMedia: () => true });
		const { texts } = await follow(live);
		const states = statesOf(live);
		phone.setAppState('background');
		phone.pass(LONG_MS);
		await comment(gateway, 'one');
		// The client checks at each message whether to end its stream.
		await comment(gateway, 'two');
		await expect.poll(() => texts).toEqual(['one', 'two']);
		expect(states).toEqual([]);
	});

	it('changes no state while iOS covers it for a moment', async () => {
		const gateway = await start();
		const phone = new Phone();
		const live = await phone.open({ url: gateway.url });
		const { texts } = await follow(live);
		const states = statesOf(live);
		phone.setAppState('inactive');
		phone.pass(LONG_MS);
		await comment(gateway, 'one');
		await expect.poll(() => texts).toEqual(['one']);
		phone.setAppState('active');
		await comment(gateway, 'two');
		await expect.poll(() => texts).toEqual(['one', 'two']);
		expect(states).toEqual([]);
	});
});

describe('an app that waits for its next attempt', () => {
	it('tries at once when it is active', async () => {
		const gateway = await start();
		const gate = await TcpGate.before(gateway.url);
		// A wait is at most half a second; this one takes nearly 6 days.
		const phone = new Phone({ random: () => 1_000_000 });
		const live = await phone.open({ url: gate.url });
		await follow(live);
		gate.shut();
		await expect.poll(() => live.state).toBe('waiting');
		phone.setAppState('background');
		gate.open();
		phone.setAppState('active');
		expect(live.state).toBe('connecting');
		await expect.poll(() => live.state).toBe('live');
	});
});

describe('a change of the network', () => {
	it('makes the client open the stream again at once, from its position', async () => {
		const gateway = await startGateway({ retryMs: '100' });
		const phone = new Phone();
		const live = await phone.open({ url: gateway.url });
		const { texts } = await follow(live);
		await comment(gateway, 'one');
		await expect.poll(() => texts).toEqual(['one']);
		const states = statesOf(live);
		phone.setNetwork({ type: 'wifi', isConnected: true });
		expect(states).toEqual([]);
		phone.setNetwork({ type: 'cellular', isConnected: true });
		expect(states).toEqual(['waiting', 'connecting']);
		await comment(gateway, 'two');
		await expect.poll(() => texts).toEqual(['one', 'two']);
		await expect.poll(async () => (await stored(gateway)).viewers).toBe(1);
	});

	it('ends a wait for the next attempt when a network is back', async () => {
		const gateway = await start();
		const gate = await TcpGate.before(gateway.url);
		const phone = new Phone();
		const live = await phone.open({ url: gate.url });
		await follow(live);
		phone.setNetwork({ type: 'none', isConnected: false });
		gate.shut();
		await expect.poll(() => live.state).toBe('waiting');
		gate.open();
		phone.setNetwork({ type: 'wifi', isConnected: true });
		expect(live.state).toBe('connecting');
		await expect.poll(() => live.state).toBe('live');
	});
});
