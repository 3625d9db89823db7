/** Four pictures of 8 × 8 pixels as addresses of web pages: the second is the first one, saved again without its author. */
#ifndef TALLY_TESTS_SMALL_PICTURES_H
#define TALLY_TESTS_SMALL_PICTURES_H

/* clang-format off */
#define SMALL_PICTURE \
	"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAACnRFWHRBdXRob3" \
	"IAQW5u98X+7wAAAKhJREFUeNpjYLCtko2ablW+JXzKxZKNHBPPqa5jdTqtFM+AU0I1ab5T/Z74OTdrdgrMvK" \
	"a7jdfrslY6l3sLg1f7kfQlD1sOSiy8Z7pPNOi2Ub6Qf49+zkqG/DXMPScVVjLYHpONemxVLhU+xbxkY8jEc7" \
	"glplzU2Mjhek41idWpXil+jn3NzpiZ1yq38TLsFPC9ppvF69Wulb7EveVgysJ7jftE5902AgA3DlOxsz5nKQ" \
	"AAAABJRU5ErkJggg=="
#define SMALL_PICTURE_SAVED \
	"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAqElEQVR4AWNgsK" \
	"2SjZpuVb4lfMrFko0cE8+prmN1Oq0Uz4BTQjVpvlP9nvg5N2t2Csy8pruN1+uyVjqXewuDV/uR9CUPWw5KLL" \
	"xnuk806LZRvpB/j37OSob8Ncw9JxVWMtgek416bFUuFT7FvGRjyMRzuCWmXNTYyOF6TjWJ1aleKX6Ofc3OmJ" \
	"nXKrfxMuwU8L2mm8Xr1a6VvsS95WDKwnuN+0Tn3TYCADcOU7H+y7nYAAAAAElFTkSuQmCC"
#define SMALL_PICTURE_OTHER \
	"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAApklEQVR4nGNgsK" \
	"2SjZpuVb4lfMrFko0cE8+prmN1Oq0Uz4BTwqv9SPqShy0HJRbeM90nGnTbKF/Iv0c/ZyXDlIsaGzlcz6kmsT" \
	"rVK8XPsa/ZGTPzWuU2XoZ7pkWiQf1G+Wv8e04C1XUek1322OqwVDhuCaf6PfFzbtbsFJh5TXcbr9dlrXQu9x" \
	"b1lIUMPScVVjLYHpONemxVLhU+xbxkY8jEc4XrWAGK9lQj3UOJogAAAABJRU5ErkJggg=="
#define SMALL_PICTURE_THIRD \
	"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAqElEQVR4nGNgsK" \
	"2SjZpuVb4lfMrFko0cE8+prmN1Oq0Uz4BTYqeA7zXdLF6vdq30Je4tB1MW3mvcJzrvthFDz0mFlQy2x2SjHl" \
	"uVS4VPMS/ZGDLxXOE6Vob4OTdrdgrMvKa7jdfrslY6l3uLespCl8Z9uCWM8tf495zMWcnQeUx22WOrw1LhD8" \
	"xLxEMmMrA61SvFz7Gv2Rkz81rlNt5pl7U2c7lfUE8BAEM+U63Ljfl4AAAAAElFTkSuQmCC"
/* clang-format on */

#endif
