import { CUSTOM_SIGNAL } from './custom-signal.ts';
import { PRESENCE } from './presence.ts';
import { RECEIPT } from './receipt.ts';
import type { RegisterKind } from './register.ts';
import { TYPING } from './typing.ts';
import { VIEWERS } from './viewers.ts';

/** A kind with values that only its schema describes. */
// biome-ignore lint/suspicious/noExplicitAny: values of different kinds stand in one list; each kind's schema checks its own.
type AnyKind = RegisterKind<any>;

/** All kinds of registers, by name. A new kind needs a file in `kinds/` and an entry in this list. */
export const KINDS: Readonly<Record<string, AnyKind>> = Object.fromEntries(
	[VIEWERS, PRESENCE, TYPING, RECEIPT, CUSTOM_SIGNAL].map((kind): [string, AnyKind] => [kind.name, kind]),
);
