/**
 * Text of data sets and models with formulas and highlighted code. It is rendered on the server, without a style or a script
 * of its own, and what the libraries can't render is shown as the text that it is.
 */
import { createRequire } from 'node:module';
import { raw } from 'hono/html';
import katex from 'katex';
import { type TextPart, textParts } from './rich-text-parts.ts';

/** Characters of a text above which it is shown plainly: rendering must not hold the server up. */
const LONGEST_TEXT = 20_000;
/** Formulas of a text that are rendered. */
const MOST_FORMULAS = 200;

interface Highlighter {
  registerLanguage(name: string, language: unknown): void;
  highlight(code: string, options: { readonly language: string; readonly ignoreIllegals: boolean }): { value: string };
}

// Its own types would declare the names of browsers in all of the project.
const load = createRequire(import.meta.url);
const highlighter = load('highlight.js/lib/core') as Highlighter;
highlighter.registerLanguage('python', load('highlight.js/lib/languages/python'));

/** Prose with its formulas, and fenced Python highlighted. */
export function RichText({ text }: { readonly text: string }) {
  if (text.length > LONGEST_TEXT) return <>{text}</>;
  let formulas = 0;
  const render = (part: TextPart) => {
    switch (part.kind) {
      case 'prose':
        return part.text;
      case 'formula':
        formulas += 1;
        return (formulas > MOST_FORMULAS ? undefined : renderFormula(part.tex, part.isDisplay)) ?? part.source;
      case 'code':
        return (
          <>
            {part.source.slice(0, part.source.indexOf('\n') + 1)}
            <Code code={part.code} />
            {'```'}
          </>
        );
    }
  };
  return <>{textParts(text).map(render)}</>;
}

/** Highlighted Python, for a `pre`. */
export function Code({ code }: { readonly code: string }) {
  if (code.length > LONGEST_TEXT) return <>{code}</>;
  // The library escapes the code and adds spans with classes.
  return <>{raw(highlighter.highlight(code, { language: 'python', ignoreIllegals: true }).value)}</>;
}

/** A formula as MathML, which browsers render by themselves; undefined if it is no TeX that KaTeX knows. */
function renderFormula(tex: string, displayMode: boolean) {
  try {
    const options = { output: 'mathml', displayMode, trust: false, strict: false, throwOnError: true } as const;
    // A fresh object: a formula's macros must not reach the next one.
    return raw(katex.renderToString(tex, { ...options, macros: {}, maxExpand: 100, maxSize: 20 }));
  } catch {
    // Besides its own errors the library throws at inputs that it does not foresee.
    return undefined;
  }
}
