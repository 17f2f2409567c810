import type { StreamEvents, Totals } from '@likewire/protocol';
import { createEmitter, type Emitter } from '../emitter.ts';
import type { LikewireError } from '../errors.ts';
import type { GatewayAccess } from '../gateway-access.ts';
import type { LikesUpdate } from './likes-update.ts';
import { splitName } from './names.ts';

/** The events of topics; the others concern the connection. */
export type TopicEventName = Exclude<keyof StreamEvents, 'hello' | 'heartbeat' | 'bye'>;

/** What listeners of a topic receive. */
export interface TopicEvents extends Omit<Pick<StreamEvents, TopicEventName>, 'likes'> {
	/** The likes of a video changed: see {@link LikesUpdate}. */
	readonly likes: LikesUpdate;
	/** The totals changed, also by taps of this client without an answer. */
	readonly totals: Totals;
	/** The gateway does not let this client follow the topic. */
	readonly error: LikewireError;
}

interface Life {
	/** The stream opened, for the first time or again: signals that are sent once were missed. */
	readonly opened: undefined;
	/** The last handle closed. */
	readonly left: undefined;
}

/** A topic that the client follows: what all its handles share. */
export interface Topic {
	/** Its kind and its id: `video:v1`. */
	readonly name: string;
	readonly id: string;
	readonly events: Emitter<TopicEvents>;
	readonly life: Emitter<Life>;
	readonly gateway: GatewayAccess;
	/** Returns the state that a kind of events keeps of this topic; the first call creates it. */
	part<Part, More extends unknown[]>(create: (topic: Topic, ...more: More) => Part, ...more: More): Part;
}

export function createTopic(name: string, gateway: GatewayAccess): Topic {
	const parts = new Map<unknown, unknown>();
	const topic: Topic = {
		name,
		id: splitName(name)[1],
		events: createEmitter(),
		life: createEmitter(),
		gateway,
		part(create, ...more) {
			if (!parts.has(create)) parts.set(create, create(topic, ...more));
			return parts.get(create) as ReturnType<typeof create>;
		},
	};
	return topic;
}
