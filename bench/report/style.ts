/**
 * How the page of a report looks: by day, by night, on a phone, on paper. The colours of the lines are Okabe and Ito's, which people
 * with any colour vision can tell apart ("Color Universal Design", 2008), those too faint on their ground left out or, by night,
 * made lighter.
 */

import { element, type Markup, styleSheet } from './markup.ts';

const DAY = ['#0072b2', '#d55e00', '#009e73', '#b8578f', '#b67c00', '#333333', '#3a9bd0'];
const NIGHT = ['#56b4e9', '#f0803c', '#2fc79a', '#e39cc4', '#e6b035', '#dddddd', '#f0e442'];

/** The style sheet, and what a phone must be told. */
export function style(): readonly Markup[] {
  return [
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', { name: 'color-scheme', content: 'light dark' }),
    styleSheet(SHEET),
  ];
}

function colours(list: readonly string[]): string {
  return list.map((colour, index) => `--series-${index}:${colour}`).join(';');
}

const SHEET = `
:root{color-scheme:light dark;--ground:#fff;--text:#1b1b1b;--soft:#5a5a5a;--rule:#e3e3e3;--axis:#8a8a8a;--mark:#a0a0a0;--bad:#a12622;${colours(DAY)}}
@media (prefers-color-scheme:dark){:root{--ground:#14161a;--text:#e8e8e6;--soft:#a5a8ad;--rule:#2c3037;--axis:#767c86;--mark:#6d737d;--bad:#ff9d94;${colours(NIGHT)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;padding:1.5rem 1rem 3rem;max-width:66rem;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;overflow-wrap:break-word}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .5rem}
h2{font-size:1.25rem;line-height:1.3;margin:0}
h3{font-size:1rem;margin:1.25rem 0 .25rem}
p{margin:.25rem 0}
.small{font-size:.875rem}
a{color:inherit;text-decoration-color:var(--mark);text-underline-offset:.2em}
.soft,caption,figcaption,th,.under{color:var(--soft)}
section{margin-top:2.5rem;padding-top:1rem;border-top:1px solid var(--rule)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1.5rem 2.5rem;margin-top:1rem}
.pair>*{min-width:0}
figure{margin:0}
figcaption{font-size:.875rem;margin-bottom:.5rem}
figcaption b,caption b{color:var(--text)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.8125rem;font-variant-numeric:tabular-nums;margin:.75rem 0}
caption{text-align:left;font-size:.875rem;padding-bottom:.25rem}
th,td{padding:.25rem 0 .25rem .6rem;text-align:right;vertical-align:baseline;white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:0}
th{font-weight:400}
tbody th{color:var(--text)}
thead th{white-space:normal;vertical-align:bottom}
thead tr{border-bottom:1px solid var(--axis)}
tbody tr{border-bottom:1px solid var(--rule)}
.wide th:first-child{white-space:normal}
.shell{white-space:nowrap}
.ratio{font-weight:650}
.own{font-weight:400;color:var(--soft)}
.under{display:block;font-size:.75rem;font-weight:400}
@media (min-width:40.01rem){.figures .under{display:inline;margin-left:.6em}}
.bad{color:var(--bad)}
ul{padding-left:1.2rem;margin:.25rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.75rem 0;font-size:.875rem}
dt{color:var(--soft)}
dd{margin:0;min-width:0}
code{font:.8125rem/1.4 ui-monospace,SFMono-Regular,Menlo,"Liberation Mono",monospace;overflow-wrap:anywhere}
.key{display:inline-block;width:.65em;height:.65em;border-radius:50%;margin-right:.4em}
.cdf{display:block;width:100%;max-width:31rem;height:auto;font-family:inherit}
.cdf text{font-size:11px;fill:var(--text)}
.cdf .note,.cdf .grid text{fill:var(--soft)}
.cdf .name{font-weight:600}
.cdf .end{text-anchor:end}
.cdf .middle{text-anchor:middle}
.cdf line,.cdf path{fill:none;stroke-width:1}
.cdf .rule{stroke:var(--rule)}
.cdf .axis{stroke:var(--axis)}
.cdf .mark{stroke:var(--mark);stroke-dasharray:1 2}
.cdf path,.cdf .legend line{stroke-width:2;stroke-linejoin:round}
.cdf .ring{fill:var(--ground);stroke-width:1.6}
${DAY.map((_, index) => `.cdf .series-${index}{stroke:var(--series-${index})}.key.series-${index}{background:var(--series-${index})}`).join('\n')}
@media (max-width:30rem){body{padding:1rem 1rem 2rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.4rem}table{font-size:.75rem}th,td{padding-left:.35rem}.title{display:none}}
@media print{:root{color-scheme:light;--ground:#fff;--text:#000;--soft:#444;--rule:#ddd;--axis:#777;--mark:#888;--bad:#000;${colours(DAY)}}
body{max-width:none;padding:0;font-size:10pt}.scroll{overflow:visible}table{font-size:.75rem}a{text-decoration:none}h1{font-size:1.4rem}.pair{grid-template-columns:1fr 1fr}figure,table,h2,h3{break-inside:avoid}h2,h3{break-after:avoid}.key{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
