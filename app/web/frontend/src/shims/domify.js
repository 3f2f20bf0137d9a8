// domify with its style attributes set through the CSSOM (see build.mjs).
import domify from 'domify';

export default function domifyWithoutInlineStyles(html, ownDocument) {
  const made = domify(html.replace(/(<[^>]*?\s)style=/g, '$1data-csp-style='), ownDocument);
  const styled = made.querySelectorAll ? [...made.querySelectorAll('[data-csp-style]')] : [];
  if (made.matches?.('[data-csp-style]')) styled.push(made);
  for (const element of styled) {
    element.style.cssText = element.getAttribute('data-csp-style');
    element.removeAttribute('data-csp-style');
  }
  return made;
}
