import { expect, it } from 'vitest';
import { shareCluster } from '../../../test/cluster.ts';
import { callAs, type Peer } from '../../../test/peer.ts';
import { digestOf, registrationOf } from '../../../test/registrations.ts';
import type { Registration } from '../../state/topics/registration.ts';
import { hashState, type Updates } from '../../state/update.ts';
import { registrationAnswer } from './messages.ts';
import { peerPaths } from './peer-paths.ts';

const cluster = shareCluster({ 'core-1': 'likes,dispatcher' }, {}, { 'frontend-9': 'frontend' });
/** A conversation, since the state of a video changes with its viewers. */
const TOPIC = 'conversation:c1';

it('answers a registration with exactly the states that the frontend does not have', async () => {
	const owner = cluster().node('core-1');
	const self: Peer = { node: 'frontend-9', incarnation: 1, view: '' };
	const ack = await callAs(self, owner, peerPaths.ping, { leaving: false });
	self.view = ack.headers.get('x-likewire-view') ?? '';
	let seq = 0;
	async function register(registration: Registration): Promise<Updates | undefined> {
		const message = digestOf(self.node, self.view, ++seq, [], { topics: [registration] });
		const answer = await callAs(self, owner, peerPaths.subscriptions, message);
		return answer.status === 204 ? undefined : registrationAnswer.parse(await answer.json()).updates;
	}
	// The owner reads the store before it has a complete state.
	await expect.poll(() => register(registrationOf(TOPIC))).toBeDefined();
	const state = (await register(registrationOf(TOPIC)))?.get(TOPIC);
	if (state === undefined) return expect.unreachable('a frontend without a state was sent none');
	expect(state.complete).toBe(true);
	expect(await register(registrationOf(TOPIC, { hash: hashState(state) }))).toBeUndefined();
});
