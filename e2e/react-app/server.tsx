import { renderToString } from 'react-dom/server';
import { App } from './app.tsx';

/** Returns the HTML of the page. */
export const render = (props: Parameters<typeof App>[0]): string => renderToString(<App {...props} />);
