import { pino } from 'pino';

/** A silent logger for parts of the gateway: their failures show in the figures. */
export const quiet = pino({ level: 'silent' });
