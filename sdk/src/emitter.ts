import { createNanoEvents } from 'nanoevents';

/** Takes a listener away again; may be called twice. */
export type Unbind = () => void;

/** Events by name, with what each listener is given. */
export interface Emitter<Events> {
	on<Name extends keyof Events>(event: Name, listener: (data: Events[Name]) => void): Unbind;
	emit<Name extends keyof Events>(event: Name, data: Events[Name]): void;
}

/** Reports an error as a browser reports one of its own listeners: it shows as uncaught and ends nothing, a Node process neither. */
function report(error: unknown): void {
	if (typeof reportError === 'function') reportError(error);
	// biome-ignore lint/suspicious/noConsole: where there is no page, nothing else shows the author of a listener its mistake.
	else console.error(error);
}

/**
 * nanoevents with three promises it does not make: a listener that throws stops no other, the same function bound
 * twice is unbound once at a time, and a listener that was unbound is not called again, not even by the emit under way.
 */
export function createEmitter<Events>(): Emitter<Events> {
	type Listeners = { [Name in keyof Events]: (data: Events[Name]) => void };
	const events = createNanoEvents<Listeners>();
	return {
		on(event, listener) {
			let bound = true;
			const guarded = (data: Events[typeof event]) => {
				if (!bound) return;
				try {
					listener(data);
				} catch (error) {
					report(error);
				}
			};
			const unbind = events.on(event, guarded);
			return () => {
				bound = false;
				unbind();
			};
		},
		emit(event, data) {
			(events.emit as (event: keyof Events, data: unknown) => void)(event, data);
		},
	};
}
