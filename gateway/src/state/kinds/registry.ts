import { CUSTOM_SIGNAL } from './custom-signal.ts';
import { PRESENCE } from './presence.ts';
import { RECEIPT } from './receipt.ts';
import type { RegisterKind } from './register.ts';
import { TYPING } from './typing.ts';
import { VIEWERS } from './viewers.ts';

/** A kind whose values are known by its schema only. */
// biome-ignore lint/suspicious/noExplicitAny: values of different kinds stand in one list; each kind's schema checks its own.
type AnyKind = RegisterKind<any>;

/** All kinds of values, by name. One more is a file in `kinds/` and a line here. */
export const KINDS: Readonly<Record<string, AnyKind>> = Object.fromEntries(
	[VIEWERS, PRESENCE, TYPING, RECEIPT, CUSTOM_SIGNAL].map((kind): [string, AnyKind] => [kind.name, kind]),
);
