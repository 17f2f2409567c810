import { renderToString } from 'react-dom/server';
import { App } from './app.tsx';

/** The page as a server renders it. */
export const render = (props: Parameters<typeof App>[0]): string => renderToString(<App {...props} />);
