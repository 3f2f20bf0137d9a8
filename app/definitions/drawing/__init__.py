"""Drawing diagrams as SVG in pure Python: what a diagram shows, its shapes, its lettering."""
