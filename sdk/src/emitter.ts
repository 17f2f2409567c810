import { createNanoEvents } from 'nanoevents';

/** Removes a listener; idempotent. */
export type Unbind = () => void;

/** Events by name, with what each listener receives. */
export interface Emitter<Events> {
	on<Name extends keyof Events>(event: Name, listener: (data: Events[Name]) => void): Unbind;
	emit<Name extends keyof Events>(event: Name, data: Events[Name]): void;
}

/** Reports an error as a browser reports one of a listener: as uncaught. It ends no Node process. */
function report(error: unknown): void {
	if (typeof reportError === 'function') reportError(error);
	// biome-ignore lint/suspicious/noConsole: outside a page, nothing else shows the error to the author of the listener.
	else console.error(error);
}

/**
 * Creates a nanoevents emitter with three guarantees that nanoevents does not make.
 * A listener that throws stops no other. Unbinding a function that was bound twice removes one binding. A listener
 * that was unbound is not called again, not even by the emit in progress.
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
