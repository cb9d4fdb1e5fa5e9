/** The style sheet of the web page. Past, future and what is concurrent differ by ring and weight, not by colour alone. */
export const pageStyle = `
html, body { margin: 0; height: 100%; overflow: hidden; background: #fff; font: 13px/1.4 system-ui, sans-serif; color: #1f2328; }
svg { display: block; width: 100vw; height: 100vh; touch-action: none; cursor: grab; user-select: none; }
svg.moving { cursor: grabbing; }
.moment { cursor: pointer; }
.moment:hover .halo { stroke: #59636e; stroke-width: 1; }
.picking .moment, .picking .arrow { opacity: .18; }
.picking .moment.before, .picking .moment.after, .picking .moment.picked { opacity: 1; }
.picking .arrow.before, .picking .arrow.after { opacity: 1; stroke-width: 1.4; }
.moment.before .halo { stroke: #1f2328; stroke-width: 1.5; }
.moment.after .halo { stroke: #1f2328; stroke-width: 1.5; stroke-dasharray: 2.5 2.5; }
.moment.picked .halo { stroke: #bc4c00; stroke-width: 4; }
aside { position: fixed; right: 12px; bottom: 12px; width: 300px; max-height: 60vh; overflow: auto; padding: 10px 14px;
  background: #fffffff2; border: 1px solid #d1d9e0; border-radius: 8px; box-shadow: 0 2px 8px #0002; overflow-wrap: anywhere; }
aside p { margin: 4px 0; }
aside ul { margin: 6px 0; padding: 0; list-style: none; }
#picked p:first-child { font-weight: 600; }
#keys { color: #59636e; font-size: 12px; }
.sign { display: inline-block; box-sizing: border-box; width: 14px; height: 14px; margin-right: 7px; vertical-align: -2px; border-radius: 50%; }
.sign.before { border: 2px solid #1f2328; }
.sign.after { border: 2px dashed #1f2328; }
.sign.besides { background: #d1d9e0; transform: scale(.5); }
button { font: inherit; padding: 1px 9px; border: 1px solid #d1d9e0; border-radius: 6px; background: #f6f8fa; cursor: pointer; }
@media print { aside { display: none; } }
`;
