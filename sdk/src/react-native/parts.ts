/** As `../parts.ts`, without what shares a stream between tabs. */
export * from '../common-parts.ts';
