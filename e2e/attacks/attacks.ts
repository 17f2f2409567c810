import type { Attack } from './attack.ts';
import { RESOURCE_ATTACKS } from './resource-attacks.ts';
import { RIGHTS_ATTACKS } from './rights-attacks.ts';

/** All attacks, in the order of their numbers. */
export const ATTACKS: readonly Attack[] = [...RESOURCE_ATTACKS, ...RIGHTS_ATTACKS];
