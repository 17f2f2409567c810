import { encodeEvent, type StreamEvent } from '@likewire/protocol';
import { type Registers, registerOf } from '../../state/kinds/register.ts';
import { KINDS } from '../../state/kinds/registry.ts';
import { mergeValues, type Values } from '../../state/registers.ts';
import { idOf, kindOf } from '../../state/topics/topic.ts';

/** One register, by kind and key. */
interface Place {
	readonly kind: string;
	readonly key: string;
}

/**
 * The values of a topic. Each flush has a number, and each register remembers in which of them it changed last: who was
 * told an earlier one is told what changed since, as it is now.
 */
export class ValuesSection {
	/** All that is known; undefined while that is nothing. */
	values: Values | undefined;
	/** The number of the newest flush that had something to tell. */
	sequence = 0;
	readonly #topic: string;
	/** The flush in which each register changed last. */
	readonly #changedIn = new Map<string, Map<string, number>>();
	/** Registers that changed after the last flush, by kind and key: those that are told whatever the load is, … */
	readonly #pending = new Map<string, Place>();
	/** … and signals. */
	readonly #pendingSignals = new Map<string, Place>();
	#shed = 0;
	/** Something was flushed, if only that there is nothing. */
	#begun = false;
	/** When the values end that end by themselves, by the monotonic clock. */
	readonly #endings = new Map<string, Place & { readonly at: number }>();

	/** `topic`: the name of the topic. */
	constructor(topic: string) {
		this.#topic = topic;
	}

	/** Takes news in; old ones change nothing. While signals are shed, those that nobody keeps are forgotten. */
	merge(news: Values | undefined, sheds = false): void {
		const wanted = sheds ? this.#shedSignals(news) : news;
		const before = this.values;
		this.values = mergeValues(before, wanted);
		if (this.values === before || wanted === undefined) return;
		for (const [kind, registers] of Object.entries(wanted)) {
			const [known, all] = [before?.[kind], this.values?.[kind]];
			for (const key of Object.keys(registers)) {
				const register = registerOf(all, key);
				if (register !== undefined && register !== registerOf(known, key)) this.#put({ kind, key }, isSignal(kind));
			}
			if (KINDS[kind]?.expires === undefined) continue;
			// Who found no room any more ends.
			for (const key of Object.keys(known ?? {}))
				if (registerOf(all, key) === undefined) this.#put({ kind, key }, false);
		}
	}

	/** Something is pending that a flush would tell; one that sheds tells no signals. */
	isFresh(sheds = false): boolean {
		return this.#pending.size > 0 || (!sheds && this.#pendingSignals.size > 0);
	}

	/** How many signals were left out since this was last asked. */
	takeShed(): number {
		const shed = this.#shed;
		this.#shed = 0;
		return shed;
	}

	/** When the next value ends by itself; undefined when none does. */
	get dueAt(): number | undefined {
		let due: number | undefined;
		for (const { at } of this.#endings.values()) if (due === undefined || at < due) due = at;
		return due;
	}

	/**
	 * Makes what is pending, and what has ended by now, something to tell; says whether that is anything. One that sheds
	 * leaves signals to one that does not.
	 */
	flush(now: number, sheds = false): boolean {
		this.#end(now, sheds);
		const ready = [this.#pending, ...(sheds ? [] : [this.#pendingSignals])];
		const due = ready.flatMap((pending) => [...pending.values()]).filter(({ kind }) => this.#isDue(kind));
		this.#begun = true;
		if (due.length === 0) return false;
		this.sequence++;
		for (const place of due) {
			this.#change(place, now);
			for (const pending of ready) pending.delete(nameOf(place));
		}
		return true;
	}

	/**
	 * What brings a viewer to now who was sent the flush of this number; one who was sent none receives what is kept.
	 */
	textFrom(told: number | undefined): string {
		if (told === this.sequence) return '';
		let text = told === undefined ? this.#textOfNothing() : '';
		for (const [name, registers] of Object.entries(this.values ?? {})) {
			const kind = KINDS[name];
			if (kind === undefined || (told === undefined && !kind.kept)) continue;
			const changed = this.#changedSince(told, name, registers);
			if (changed.length === 0) continue;
			for (const event of kind.events(idOf(this.#topic), registers, changed)) text += encode(event);
		}
		return text;
	}

	/** What newcomers are told of kinds that nothing is known of. */
	#textOfNothing(): string {
		let text = '';
		for (const kind of Object.values(KINDS)) {
			if (kind.always !== kindOf(this.#topic) || this.values?.[kind.name] !== undefined) continue;
			for (const event of kind.events(idOf(this.#topic), {}, [])) text += encode(event);
		}
		return text;
	}

	/** The keys of a kind that changed after the flush of this number; all of them for who was told none. */
	#changedSince(told: number | undefined, kind: string, registers: Registers): string[] {
		if (told === undefined) return Object.keys(registers);
		const changedIn = this.#changedIn.get(kind);
		const keys = KINDS[kind]?.expires === undefined ? Object.keys(registers) : [...(changedIn?.keys() ?? [])];
		return keys.filter((key) => (changedIn?.get(key) ?? 0) > told);
	}

	/** The first flush is what newcomers see. What those are not told came after they did: it is news to them, in the next one. */
	#isDue(kind: string): boolean {
		return this.#begun || KINDS[kind]?.kept === true;
	}

	#put(place: Place, isSignal: boolean): void {
		(isSignal ? this.#pendingSignals : this.#pending).set(nameOf(place), place);
	}

	/** Forgets the signals that nobody keeps: those that wait, and those among the news, of which the others are given back. */
	#shedSignals(news: Values | undefined): Values | undefined {
		for (const [name, { kind }] of this.#pendingSignals) {
			if (KINDS[kind]?.kept) continue;
			this.#pendingSignals.delete(name);
			this.#shed++;
		}
		if (news === undefined) return undefined;
		const entries = Object.entries(news).filter(([kind, registers]) => {
			const isShed = isSignal(kind) && !KINDS[kind]?.kept;
			if (isShed) this.#shed += Object.keys(registers).length;
			return !isShed;
		});
		return Object.fromEntries(entries);
	}

	#change({ kind, key }: Place, now: number): void {
		const known = this.#changedIn.get(kind) ?? new Map<string, number>();
		this.#changedIn.set(kind, known.set(key, this.sequence));
		const registers = this.values?.[kind] ?? {};
		// Keys that found no room are forgotten here, too.
		if (known.size > 2 * Object.keys(registers).length) {
			for (const [other, sequence] of known) {
				if (!Object.hasOwn(registers, other) && sequence < this.sequence) known.delete(other);
			}
		}
		const expires = KINDS[kind]?.expires;
		if (expires === undefined) return;
		const place = nameOf({ kind, key });
		const register = registerOf(registers, key);
		if (register === undefined || register.value === expires.value) this.#endings.delete(place);
		/* mutant: ends-typing */ else this.#endings.set(place, { kind, key, at: now + expires.afterMs });
	}

	/**
	 * Replaces values that no signal renewed in time, whatever the load is. A signal that this flush sends has renewed its
	 * value. The order grows by the least: the same update, late, does not revive them.
	 */
	#end(now: number, sheds: boolean): void {
		for (const [place, { kind, key, at }] of this.#endings) {
			if (at > now || (!sheds && this.#pendingSignals.has(place))) continue;
			this.#endings.delete(place);
			const register = registerOf(this.values?.[kind], key);
			const value: unknown = KINDS[kind]?.expires?.value;
			if (register === undefined) continue;
			this.values = mergeValues(this.values, { [kind]: { [key]: { ...register, order: register.order + 1, value } } });
			this.#put({ kind, key }, false);
		}
	}
}

function nameOf({ kind, key }: Place): string {
	return `${kind} ${key}`;
}

function isSignal(kind: string): boolean {
	return KINDS[kind]?.class === 'signal';
}

function encode({ event, data, id }: StreamEvent): string {
	return encodeEvent(event, data, id);
}
