// Looks at a report as a browser shows it. Each function returns the faults found, as texts.
var checks = (() => {
  const shown = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const short = (text) => text.replace(/\s+/g, " ").trim().slice(0, 60);
  const colour = (text) => {
    const parts = text.match(/[\d.]+/g).map(Number);
    return parts.length > 3 ? parts : [...parts, 1];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  // relative luminance and contrast as WCAG 2.1 defines them
  const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const texts = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.data.trim() && shown(node.parentElement)) found.push(node);
    }
    return found;
  };
  const boxes = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()];
  };
  const block = (node) => {
    let element = node.parentElement;
    while (getComputedStyle(element).display === "inline") element = element.parentElement;
    return element;
  };
  const scrolls = (element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
  const inScroller = (element) => {
    for (let e = element; e; e = e.parentElement) if (scrolls(e)) return true;
    return false;
  };

  return {
    open() { document.querySelectorAll("details").forEach((d) => { d.open = true; }); },

    contrast() {
      const faults = [];
      for (const node of texts()) {
        const element = node.parentElement, style = getComputedStyle(element);
        const layers = [];
        let opacity = 1;
        for (let e = element; e; e = e.parentElement) {
          const s = getComputedStyle(e);
          opacity *= Number(s.opacity);
          if (s.backgroundImage !== "none") faults.push(`'${short(node.data)}' stands on a picture`);
          layers.push(colour(s.backgroundColor));
        }
        const ground = layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
        const ink = colour(style.color);
        const found = ratio(over([ink[0], ink[1], ink[2], ink[3] * opacity], ground), ground);
        const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
        const needed = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
        if (found < needed) faults.push(`'${short(node.data)}' has a contrast of ${found.toFixed(2)} : 1`);
      }
      return faults;
    },

    structure() {
      const faults = [], all = (selector) => [...document.querySelectorAll(selector)];
      const must = (good, text) => { if (!good) faults.push(text); };
      must(/^[a-z]{2,3}(-\w+)*$/.test(document.documentElement.lang), "the page does not say its language");
      must(document.title.trim(), "the page has no title");
      must(all("h1").length === 1, `${all("h1").length} main headings`);
      must(all("main").length === 1, "no main part");
      must(document.compatMode === "CSS1Compat", "the page is read as one of the nineties");
      let level = 0;
      for (const heading of all("h1,h2,h3,h4,h5,h6")) {
        const next = Number(heading.tagName[1]);
        must(next <= level + 1, `'${short(heading.textContent)}' leaves out a level of headings`);
        level = next;
      }
      for (const table of all("table")) {
        const name = short(table.caption ? table.caption.textContent : "");
        must(name, `a table without a caption: ${short(table.textContent)}`);
        const heads = table.tHead ? [...table.tHead.querySelectorAll("th")] : [];
        must(heads.length, `table '${name}' has no headers`);
        must(heads.every((th) => th.scope === "col"), `table '${name}': a header without its scope`);
        must(heads.every((th) => th.textContent.trim()), `table '${name}': an empty header`);
        const wide = heads.reduce((sum, th) => sum + th.colSpan, 0);
        const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
        must(rows.length, `table '${name}' has no rows`);
        must(rows.every((row) => [...row.cells].reduce((n, c) => n + c.colSpan, 0) === wide),
          `table '${name}': rows of other lengths than the header`);
      }
      for (const image of all("img")) {
        must(image.alt.trim().length > 10, `a picture without words: ${image.alt}`);
        must(image.complete && image.naturalWidth > 0, `a picture that does not show: ${image.alt}`);
      }
      for (const part of all("[role=region]")) must(part.tabIndex === 0 && part.ariaLabel, "a part without a name");
      const ids = all("[id]").map((e) => e.id);
      must(new Set(ids).size === ids.length, "an id stands twice");
      return faults;
    },

    // Nothing beyond the page's width, no text cut; only wide tables may scroll in their own frame, and not on paper.
    fit(paper) {
      const root = document.documentElement, width = root.clientWidth, faults = [];
      if (root.scrollWidth > width) faults.push(`the page is ${root.scrollWidth} px wide in ${width} px`);
      for (const element of document.body.querySelectorAll("*")) {
        if (!shown(element)) continue;
        const box = element.getBoundingClientRect(), style = getComputedStyle(element);
        const name = `${element.tagName.toLowerCase()} '${short(element.textContent || element.alt || "")}'`;
        // a table may be moved sideways, but its caption must be readable as it stands
        const bound = paper || element.tagName === "CAPTION" || !inScroller(element);
        if (bound && box.width && (box.left < -0.5 || box.right > width + 0.5)) {
          faults.push(`${name} reaches from ${box.left.toFixed(0)} to ${box.right.toFixed(0)} px of ${width}`);
        }
        if (["hidden", "clip"].includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1) {
          faults.push(`${name} is cut`);
        }
        if (element.scrollWidth > element.clientWidth + 1 && scrolls(element)) {
          if (paper) faults.push(`${name} would have to be scrolled on paper`);
          else if (!element.matches(".table, pre")) faults.push(`${name} has to be scrolled`);
        }
        if (paper && style.maxHeight !== "none" && element.scrollHeight > element.clientHeight + 1
            && element.tagName !== "IMG") faults.push(`${name} is cut below`);
      }
      for (const node of texts()) {
        const frame = block(node).getBoundingClientRect();
        for (const box of boxes(node)) {
          if (box.width && (box.right > frame.right + 1 || box.left < frame.left - 1)) {
            faults.push(`'${short(node.data)}' leaves its ${block(node).tagName.toLowerCase()}`);
            break;
          }
        }
      }
      return faults;
    },

    // What pages of paper of this height (CSS pixels within the margins) would do to the parts.
    paper(height) {
      const faults = [];
      const whole = (element) => getComputedStyle(element).breakInside === "avoid";
      for (const figure of document.querySelectorAll("figure")) {
        const box = figure.getBoundingClientRect();
        if (!whole(figure)) faults.push("a picture may be split");
        if (box.height > height) faults.push(`a picture with its words is ${box.height.toFixed(0)} px high`);
        const image = figure.querySelector("img");
        const style = getComputedStyle(image), frame = image.getBoundingClientRect();
        const side = (a, b) => parseFloat(style[`padding${a}`]) + parseFloat(style[`padding${b}`])
          + parseFloat(style[`border${a}Width`]) + parseFloat(style[`border${b}Width`]);
        const shape = (frame.width - side("Left", "Right")) / (frame.height - side("Top", "Bottom"));
        if (Math.abs(shape / (image.naturalWidth / image.naturalHeight) - 1) > 0.02) faults.push(`a picture is pressed out of shape: ${image.alt}`);
      }
      for (const row of document.querySelectorAll("tr")) if (!whole(row)) { faults.push("a row may be split"); break; }
      for (const head of document.querySelectorAll("thead")) {
        if (getComputedStyle(head).display !== "table-header-group") faults.push("a header is not repeated");
      }
      return faults;
    },

    words() { return document.body.innerText.split(/\s+/).filter(Boolean); },
  };
})();
